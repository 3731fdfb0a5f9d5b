// Validates YAML files as an editor does: with yaml-language-server, which finds the schema by the line
// at the top of each file. Prints one JSON object: file name to list of {line, column, message}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const { getLanguageService } = require("yaml-language-server");
const { TextDocument } = require("vscode-languageserver-textdocument");

const read = async (uri) => readFileSync(fileURLToPath(uri), "utf8");
const workspace = { resolveRelativePath: (path, from) => new URL(path, from).toString() };
const silent = { sendNotification() {}, onRequest() {}, console: { error: console.error, warn() {}, log() {} } };
const service = getLanguageService({
  schemaRequestService: read,
  workspaceContext: workspace,
  connection: silent,
  telemetry: { send() {}, sendError() {}, sendTrack() {} },
  yamlSettings: { documents: { has: () => false } },
});
service.configure({ validate: true, hover: true, completion: true, yamlVersion: "1.2", schemas: [], customTags: [] });

const found = {};
for (const file of process.argv.slice(2)) {
  const uri = pathToFileURL(resolve(file)).toString();
  const document = TextDocument.create(uri, "yaml", 1, readFileSync(file, "utf8"));
  const problems = await service.doValidation(document, false);
  found[file] = problems.map((p) => ({ line: p.range.start.line + 1, column: p.range.start.character + 1, message: p.message }));
}
process.stdout.write(JSON.stringify(found));
