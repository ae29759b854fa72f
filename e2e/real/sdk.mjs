// Connects with an official TypeScript SDK. v2 is the package @modelcontextprotocol/client and speaks both eras; v1 is
// @modelcontextprotocol/sdk, which most clients in the world are made with: legacy only, and it has WebSockets.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What names a message to the SDK: v2 takes its method, v1 its schema. */
const SCHEMAS = { "notifications/message": "LoggingMessageNotificationSchema", "elicitation/create": "ElicitRequestSchema" };

/** The parts of the SDK that are used here, from the folder it was installed in. */
async function load(sdk, packages) {
  const folder = join(packages, "npm", sdk === "v1" ? "typescript-v1" : "typescript");
  const find = createRequire(join(folder, "package.json"));
  const get = (name) => import(pathToFileURL(find.resolve(name)));
  if (sdk !== "v1") return { ...(await get("@modelcontextprotocol/client")), named: (method) => method };
  const files = ["client/index.js", "client/streamableHttp.js", "client/sse.js", "client/websocket.js", "types.js"];
  const parts = await Promise.all(files.map((file) => get(`@modelcontextprotocol/sdk/${file}`)));
  const all = Object.assign({}, ...parts);
  return { ...all, named: (method) => all[SCHEMAS[method]] };
}

/** The transport to the hub whose address for streamable HTTP is `url`. */
function transportTo(url, transport, parts) {
  if (transport === "sse") return new parts.SSEClientTransport(new URL(url.replace("/mcp", "/sse")));
  if (transport === "websocket") {
    return new parts.WebSocketClientTransport(new URL(url.replace("http", "ws").replace("/mcp", "/ws")));
  }
  return new parts.StreamableHTTPClientTransport(new URL(url));
}

/**
 * A connected client and the version of the protocol that was agreed on, where the transport lets that be known.
 * `capabilities` is what the client offers, `handlers` are functions by the methods of what the server sends.
 */
export async function connected({ url, transport, era, sdk, packages, timeoutMs }, capabilities = {}, handlers = {}) {
  const parts = await load(sdk, packages);
  const mode = era === "modern" ? "auto" : "legacy";
  const client = new parts.Client({ name: "tutti-real-servers", version: "1" }, { capabilities, versionNegotiation: { mode } });
  for (const [method, handler] of Object.entries(handlers)) {
    const set = method.startsWith("notifications/") ? "setNotificationHandler" : "setRequestHandler";
    client[set](parts.named(method), handler);
  }
  const way = transportTo(url, transport, parts);
  await client.connect(way, { timeout: timeoutMs });
  return { client, version: client.getNegotiatedProtocolVersion?.() ?? way.protocolVersion };
}

/** The names of all tools, page by page. */
export async function listTools(client, timeout) {
  const names = [];
  let cursor;
  do {
    const page = await client.listTools(cursor ? { cursor } : undefined, { timeout });
    names.push(...page.tools.map((tool) => tool.name));
    cursor = page.nextCursor;
  } while (cursor);
  return names;
}

/** The result of a call. v1 takes the schema of the result before the options. */
export function call(client, sdk, name, args, options, meta) {
  const params = { name, arguments: args, ...(meta && { _meta: meta }) };
  return client.callTool(params, ...(sdk === "v1" ? [undefined, options] : [options]));
}
