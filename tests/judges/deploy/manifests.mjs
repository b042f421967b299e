// node manifests.mjs FILE…: says what the schemas of Kubernetes and of the Prometheus Operator have against manifests. Their
// validators know what must be there; TypeScript, with their types, what must not.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { parseAllDocuments } from "yaml";

const faults = [];
const lines = [];
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    faults.push(...document.errors.map((error) => `${file}: ${error.message}`));
    const manifest = document.toJS();
    const { apiVersion, kind } = manifest;
    if (kind === "Kustomization") continue;
    const operator = apiVersion.startsWith("monitoring.coreos.com/");
    const module = `${operator ? "@kubernetes-models/prometheus-operator" : "kubernetes-models"}/${apiVersion}/${kind}`;
    const { [kind]: Model } = await import(module);
    try {
      new Model(manifest).validate();
    } catch (error) {
      faults.push(`${file}: ${kind}: ${error.message}`);
    }
    lines.push(`{ const manifest: import("${module}").I${kind} = ${JSON.stringify(manifest)}; } // ${file}`);
  }
}

// Beside the packages, where TypeScript looks for them.
const source = new URL("manifests.generated.ts", import.meta.url).pathname;
writeFileSync(source, lines.join("\n"));
const program = ts.createProgram([source], { noEmit: true, strict: true, skipLibCheck: true, moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext, types: [] });
for (const { file, messageText, start } of ts.getPreEmitDiagnostics(program)) {
  const line = file === undefined ? "" : lines[file.getLineAndCharacterOfPosition(start).line];
  faults.push(`${line.split(" // ").pop()}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}
rmSync(source);
for (const fault of faults) console.log(fault);
console.log(`${lines.length} manifests, ${faults.length} faults`);
process.exitCode = faults.length > 0 || lines.length === 0 ? 1 : 0;
