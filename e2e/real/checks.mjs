// What the JavaScript clients must decide: which servers to try, whether a list of
// tools is complete, whether an answer is right, and how to report it.
//
// The data (packages.json, expect.json, calls.json) is shared with the Python client;
// checks.py says the same in its language. Keep the two alike.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "../..");

const OPTIONS = {
  url: { type: "string" }, // the MCP endpoint, for example http://127.0.0.1:4747/mcp
  era: { type: "string", default: "legacy" }, // which protocol to speak: legacy or modern
  set: { type: "string", default: "small" }, // a set of packages.json, or names of servers with commas
  data: { type: "string", default: join(ROOT, "target/real/data") }, // the folder made by prepare.py
  packages: { type: "string", default: join(ROOT, "target/real") }, // where the packages are installed
  expect: { type: "string", default: join(HERE, "expect.json") }, // the tools each server must list
  calls: { type: "string", default: join(HERE, "calls.json") }, // the calls and their right answers
  run: { type: "string" }, // the word of this run in names and texts (default: client and era)
  bare: { type: "boolean", default: false }, // the endpoint is one server, its tools have no prefix
  timeout: { type: "string", default: "120" }, // seconds that one request may take
};

/** The options that every client has, and more; `client` is the word for ${RUN}. */
export function options(client, more = {}) {
  const { values } = parseArgs({ options: { ...OPTIONS, ...more } });
  if (!values.url || !["legacy", "modern"].includes(values.era)) {
    console.error(`usage: ${client} --url URL [--era legacy|modern] [--set NAME], see checks.mjs for the rest`);
    process.exit(2);
  }
  const words = { DATA: resolve(values.data), RUN: values.run ?? `${client}-${values.era}` };
  return { ...values, timeoutMs: Number(values.timeout) * 1000, packages: resolve(values.packages), words };
}

const json = (path) => JSON.parse(readFileSync(path, "utf8"));

/** What is to be tried: [server, expected tools, calls with ${...} filled in]. */
export function plan(given) {
  const sets = json(join(HERE, "packages.json")).sets;
  const expected = json(given.expect).servers;
  const calls = json(given.calls).servers;
  const names = sets[given.set] ?? given.set.split(",");
  return names.map((name) => [name, expected[name], fill(calls[name], given.words)]);
}

/** Puts the words in for ${NAME} in all strings of a JSON value. */
function fill(value, words) {
  if (typeof value === "string") return value.replace(/\$\{(\w+)\}/g, (_, name) => words[name]);
  if (Array.isArray(value)) return value.map((item) => fill(item, words));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, words)]));
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Says where `expected` is not a part of `found`: objects by key, all else by equality. */
function missingPart(expected, found, where = "structuredContent") {
  if (isObject(expected) && isObject(found)) {
    for (const [key, item] of Object.entries(expected)) {
      const problem = missingPart(item, found[key], `${where}.${key}`);
      if (problem) return problem;
    }
    return null;
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    for (const [index, item] of expected.entries()) {
      const problem = missingPart(item, found[index], `${where}[${index}]`);
      if (problem) return problem;
    }
    return null;
  }
  return isDeepStrictEqual(expected, found) ? null : `${where} is ${short(found)}, expected ${short(expected)}`;
}

function short(value) {
  const text = JSON.stringify(value) ?? "missing";
  return text.length <= 300 ? text : text.slice(0, 300) + "...";
}

/** Says what is wrong with the result of tools/call, or null if it is right. */
export function wrongAnswer(result, expect) {
  const blocks = (result.content ?? []).filter((block) => block.type === "text");
  const text = blocks.map((block) => block.text).join("\n");
  if (result.isError) return `the tool says it failed: ${short(text)}`;
  if ("text" in expect && text !== expect.text) return `the text is ${short(text)}, expected ${short(expect.text)}`;
  for (const piece of expect.contains ?? []) {
    if (!text.includes(piece)) return `the text is ${short(text)}, expected it to contain ${short(piece)}`;
  }
  return "structured" in expect ? missingPart(expect.structured, result.structuredContent) : null;
}

/** What stands before the name of a server's tool. */
export const prefixOf = (server, bare) => (bare ? "" : `${server}__`);

/** The names of one server's tools, without the prefix. */
export function toolsOf(server, listed, bare) {
  const prefix = prefixOf(server, bare);
  return listed.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

/** Compares the names; a conditional tool may be there or not, none may come twice. */
export function wrongTools(found, { tools, conditional = [] }) {
  const problems = {
    missing: tools.filter((name) => !found.includes(name)),
    unexpected: found.filter((name) => !tools.includes(name) && !conditional.includes(name)),
    double: found.filter((name, index) => found.indexOf(name) !== index),
  };
  const said = Object.entries(problems).filter(([, names]) => names.length > 0);
  return said.map(([what, names]) => `${what}: ${names.join(", ")}`).join("; ") || null;
}

/** Prints one JSON line for each server, and at the end how many passed and failed. */
export class Report {
  passed = 0;
  failed = 0;
  clock = performance.now();

  server(server, tools, problem) {
    const now = performance.now();
    console.log(JSON.stringify({ server, tools, call: problem ?? "ok", ms: Math.round(now - this.clock) }));
    this.clock = now;
    if (problem) this.failed += 1;
    else this.passed += 1;
  }

  /** The endpoint itself is at fault: the servers not yet reported fail with it. */
  broken(servers, problem) {
    this.failed += Math.max(1, servers - this.passed - this.failed);
    console.log(JSON.stringify({ error: problem }));
  }

  /** Ends the process too, even if a connection is still open after a failure. */
  end() {
    console.log(JSON.stringify({ passed: this.passed, failed: this.failed }));
    process.exit(this.failed > 0 || this.passed === 0 ? 1 : 0);
  }
}
