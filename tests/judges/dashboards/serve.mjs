// What the page needs, on a free port of 127.0.0.1: itself, the dashboard, and a way to Prometheus.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const built = path.join(path.dirname(fileURLToPath(import.meta.url)), 'dist');
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const PROMETHEUS = '/prometheus/';

export async function serve(dashboard, prometheus) {
  const server = http.createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://page');
    if (pathname.startsWith(PROMETHEUS)) return pass(request, response, `${prometheus}/${pathname.slice(PROMETHEUS.length)}${search}`);
    const file = pathname === '/dashboard.json' ? dashboard : path.join(built, pathname === '/' ? 'index.html' : pathname);
    fs.readFile(file, (error, content) => {
      response.writeHead(error ? 404 : 200, { 'content-type': types[path.extname(file)] ?? 'application/octet-stream' });
      response.end(content);
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** Hands a request on: a page may ask only the server that it came from. */
function pass(request, response, address) {
  const headers = { 'content-type': request.headers['content-type'] ?? 'text/plain' };
  const passed = http.request(address, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] ?? '' });
    answer.pipe(response);
  });
  passed.on('error', (error) => {
    response.writeHead(502);
    response.end(String(error));
  });
  request.pipe(passed);
}
