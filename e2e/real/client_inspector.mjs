// Tries the real servers with the MCP Inspector's command line, an independent client.
//
//   node24 client_inspector.mjs --url http://127.0.0.1:PORT/mcp --era modern --set small
//
// runs the Inspector once for tools/list, compares the names with expect.json, and once
// more for each server with a call of calls.json that stands `alone`: each run is a new
// connection. checks.mjs has all options. The Inspector needs Node 22.19 or newer, so
// this must be run by such a Node; it is taken from --packages DIR.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { Report, options, plan, prefixOf, toolsOf, wrongAnswer, wrongTools } from "./checks.mjs";

const run = promisify(execFile);
const given = options("inspector");
const inspector = join(given.packages, "npm/inspector/node_modules/.bin/mcp-inspector");

/** One run of the Inspector; gives the result of the method. What it stores goes to --packages. */
async function inspect(...args) {
  const target = ["--cli", given.url, "--transport", "http", "--protocol-era", given.era];
  const manner = ["--format", "json", "--quiet", "--stored-auth-only", "--connect-timeout", String(given.timeoutMs)];
  const { stdout } = await run(process.execPath, [inspector, ...target, ...manner, ...args], {
    timeout: given.timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, HOME: join(given.packages, "home") },
  });
  return JSON.parse(stdout).result;
}

/** Makes the first call that stands alone and says what is wrong with the answer. */
async function wrongCall(server, calls) {
  const { tool, args, expect } = calls.find((call) => call.alone);
  const call = ["--tool-name", prefixOf(server, given.bare) + tool, "--tool-args-json", JSON.stringify(args)];
  try {
    const answer = await inspect("--method", "tools/call", ...call);
    const problem = wrongAnswer(answer, expect);
    return problem && `${tool}: ${problem}`;
  } catch (error) {
    return `${tool}: ${error.stderr || error}`; // this server's result; the others go on
  }
}

const steps = plan(given);
const report = new Report();
try {
  const listed = (await inspect("--method", "tools/list")).tools.map((tool) => tool.name);
  for (const [server, expected, calls] of steps) {
    const tools = toolsOf(server, listed, given.bare);
    report.server(server, tools.length, wrongTools(tools, expected) ?? (await wrongCall(server, calls)));
  }
} catch (error) {
  report.broken(steps.length, error.stderr || String(error)); // no connection or no list
}
report.end();
