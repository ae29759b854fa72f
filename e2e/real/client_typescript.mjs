// A client made with the official TypeScript SDK that tries the real servers.
//
//   node client_typescript.mjs --url http://127.0.0.1:PORT/mcp --era modern --set small
//
// connects to one endpoint, lists all tools, compares the names with expect.json, makes
// the calls of calls.json and checks each answer. checks.mjs has all options.
//
// --sdk v2 (the default) or v1 and --transport http (the default), sse or websocket are in sdk.mjs. The SDK is taken from
// --packages DIR, where it was installed.

import { Report, options, plan, prefixOf, toolsOf, wrongAnswer, wrongTools } from "./checks.mjs";
import { call, connected, listTools } from "./sdk.mjs";

const MODERN = "2026-07-28";

/** Makes the calls in order up to the first one that is not answered as it should be. */
async function firstProblem(client, prefix, calls, { sdk, timeoutMs: timeout }) {
  for (const { tool, args, expect } of calls) {
    try {
      const result = await call(client, sdk, prefix + tool, args, { timeout });
      const problem = wrongAnswer(result, expect);
      if (problem) return `${tool}: ${problem}`;
    } catch (error) {
      return `${tool}: ${error}`; // this server's result; the others go on
    }
  }
  return null;
}

const given = options("typescript", {
  sdk: { type: "string", default: "v2" },
  transport: { type: "string", default: "http" },
});
const steps = plan(given);
const report = new Report();
try {
  const { client, version } = await connected(given);
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
