// A client made with the official TypeScript SDK that tries the real servers.
//
//   node client_typescript.mjs --url http://127.0.0.1:PORT/mcp --era modern --set small
//
// connects to one endpoint, lists all tools, compares the names with expect.json, makes
// the calls of calls.json and checks each answer. checks.mjs has all options.
//
// --sdk v2 (the default) is the package @modelcontextprotocol/client and speaks both
// eras. --sdk v1 is @modelcontextprotocol/sdk, which most clients in the world are made
// with: legacy only. Both are taken from --packages DIR, where they were installed.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { Report, options, plan, prefixOf, toolsOf, wrongAnswer, wrongTools } from "./checks.mjs";

const MODERN = "2026-07-28";

/** The parts of the SDK that are used here, from the folder it was installed in. */
async function load(sdk, packages) {
  const folder = join(packages, "npm", sdk === "v1" ? "typescript-v1" : "typescript");
  const find = createRequire(join(folder, "package.json"));
  const get = (name) => import(pathToFileURL(find.resolve(name)));
  if (sdk !== "v1") return get("@modelcontextprotocol/client");
  const { Client } = await get("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = await get("@modelcontextprotocol/sdk/client/streamableHttp.js");
  return { Client, StreamableHTTPClientTransport };
}

/** A connected client, and the protocol version that was agreed on. */
async function connect(given) {
  const { Client, StreamableHTTPClientTransport } = await load(given.sdk, given.packages);
  const mode = given.era === "modern" ? "auto" : "legacy";
  const client = new Client({ name: "tutti-real-servers", version: "1" }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL(given.url));
  await client.connect(transport, { timeout: given.timeoutMs });
  const version = client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion;
  return { client, version };
}

/** The names of all tools, page by page. */
async function listTools(client, timeout) {
  const names = [];
  let cursor;
  do {
    const page = await client.listTools(cursor ? { cursor } : undefined, { timeout });
    names.push(...page.tools.map((tool) => tool.name));
    cursor = page.nextCursor;
  } while (cursor);
  return names;
}

/** Makes the calls in order up to the first one that is not answered as it should be. */
async function firstProblem(client, prefix, calls, { sdk, timeoutMs: timeout }) {
  for (const { tool, args, expect } of calls) {
    const request = { name: prefix + tool, arguments: args };
    const more = sdk === "v1" ? [undefined, { timeout }] : [{ timeout }]; // v1 takes the result's schema before
    try {
      const result = await client.callTool(request, ...more);
      const problem = wrongAnswer(result, expect);
      if (problem) return `${tool}: ${problem}`;
    } catch (error) {
      return `${tool}: ${error}`; // this server's result; the others go on
    }
  }
  return null;
}

const given = options("typescript", { sdk: { type: "string", default: "v2" } });
const steps = plan(given);
const report = new Report();
try {
  const { client, version } = await connect(given);
  if ((version === MODERN) !== (given.era === "modern")) {
    throw new Error(`asked for the ${given.era} era, the endpoint speaks ${version}`);
  }
  const listed = await listTools(client, given.timeoutMs);
  for (const [server, expected, calls] of steps) {
    const tools = toolsOf(server, listed, given.bare);
    const prefix = prefixOf(server, given.bare);
    const problem = wrongTools(tools, expected) ?? (await firstProblem(client, prefix, calls, given));
    report.server(server, tools.length, problem);
  }
  await client.close();
} catch (error) {
  report.broken(steps.length, String(error)); // no connection, no list, or no proper end
}
report.end();
