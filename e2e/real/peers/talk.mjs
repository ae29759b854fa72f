// Talks with each server behind a hub, with an official TypeScript SDK over one transport.
//
//   node talk.mjs NAME URL TRANSPORT ERA SDK PACKAGES SERVER...
//
// talk.py says the same with the Python SDK. Keep the two alike.

import { isDeepStrictEqual } from "node:util";

import { call, connected, listTools } from "../sdk.mjs";

const TOOLS = ["ask", "echo", "release", "steps"];
const STEPS = 3;
const [name, url, transport, era, sdk, packages, ...servers] = process.argv.slice(2);
const timeoutMs = 30_000;
// A modern client says with each request how much it wants to be told.
const meta = era === "modern" ? { "io.modelcontextprotocol/logLevel": "debug" } : undefined;

let progress, logged, asked, heardAll, allHeard;

function begin() {
  [progress, logged, asked] = [[], [], []];
  allHeard = new Promise((resolve) => (heardAll = resolve));
}

function heard() {
  if (progress.length >= STEPS && logged.length >= STEPS) heardAll();
}

function must(found, expected, what) {
  if (isDeepStrictEqual(found, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(found)?.slice(0, 300)}, expected ${JSON.stringify(expected).slice(0, 300)}`);
}

async function text(client, tool, args) {
  const onprogress = (told) => {
    progress.push([told.progress, told.total, told.message]);
    heard();
  };
  const result = await call(client, sdk, tool, args, { timeout: timeoutMs, onprogress }, meta);
  if (result.isError) throw new Error(`${tool} failed: ${JSON.stringify(result.content)}`);
  return result.content.map((block) => block.text ?? "").join("\n");
}

// The server of the protocol's authors, made with the TypeScript SDK.
async function everything(client, tools) {
  must(tools.includes("echo") && tools.includes("get-sum") && tools.length >= 13, true, `tools ${tools}`);
  must(await text(client, "everything__echo", { message: "grüße" }), "Echo: grüße", "echo");
  await text(client, "everything__trigger-long-running-operation", { duration: 0.3, steps: 3 });
  must(progress.map(([done]) => done).slice(0, 2), [1, 2], "progress"); // the last comes together with the answer
}

// The server in server.py.
async function python(client, server, tools) {
  must(tools.sort(), TOOLS, "tools");
  const long = `${name}\n\u2028`.repeat(1000);
  must(await text(client, `${server}__echo`, { message: long }), long, "echo");
  const word = `${name}-${server}`;
  const steps = text(client, `${server}__steps`, { count: STEPS, word });
  // The answer comes only after all is heard, for over some transports the SDK forgets what comes together with it.
  await Promise.race([allHeard, steps]);
  must(progress, [1, 2, 3].map((step) => [step, STEPS, `${word} ${step}`]), "progress");
  must(logged, [1, 2, 3].map((step) => `${word} ${step}`), "log");
  await text(client, `${server}__release`, { word });
  must(await steps, `${STEPS} steps`, "steps");
  const question = `Who is ${word}?`;
  must(await text(client, `${server}__ask`, { question }), `hello ${name}`, "answer");
  must(asked, [[question, ["name"]]], "question");
}

const handlers = {
  "notifications/message": ({ params }) => {
    logged.push(params.data);
    heard();
  },
  "elicitation/create": ({ params }) => {
    asked.push([params.message, Object.keys(params.requestedSchema.properties)]);
    return { action: "accept", content: { name } };
  },
};
const { client, version } = await connected(
  { url, transport, era, sdk, packages, timeoutMs },
  { elicitation: { form: {} } },
  handlers,
);
must(version === "2026-07-28", era === "modern", `version ${version}`);
if (era === "legacy") await client.setLoggingLevel("debug");
const listed = await listTools(client, timeoutMs);
for (const server of servers) {
  begin();
  const tools = listed.filter((tool) => tool.startsWith(`${server}__`)).map((tool) => tool.slice(server.length + 2));
  const problem = await (server === "everything" ? everything(client, tools) : python(client, server, tools)).then(
    () => null,
    (error) => String(error), // the other servers are tried all the same
  );
  console.log(JSON.stringify({ check: `${name} to ${server}`, problem }));
}
await client.close();
process.exit(0);
