import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  // Grafana's packages ask for these names of node.
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}', global: 'globalThis' },
  build: { outDir: 'dist', chunkSizeWarningLimit: 20000, rollupOptions: { onwarn: () => {} } },
  resolve: { dedupe: ['react', 'react-dom'] },
});
