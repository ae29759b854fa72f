// The JavaScript SDKs of OpenAI and Anthropic, asked by lines of JSON on standard input: a question as `client.py` says it, with
// `dialect`, `url` and `key`. Each is answered by a line of JSON: `{"said": …}` or `{"failed": …}`, with `lost`.

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const packages = process.argv[2];
const load = (folder, name) => {
  const find = createRequire(join(packages, "npm", folder, "package.json"));
  return import(pathToFileURL(find.resolve(name)));
};
const { default: OpenAI } = await load("openai", "openai");
const { default: Anthropic } = await load("anthropic", "@anthropic-ai/sdk");

let lost = [];
let heard = "";
let pieces = 0;
let go = null;

/** Takes note of a piece of the text; the provider waits at `go` for the first. */
function hear(piece) {
  [heard, pieces] = [heard + piece, pieces + 1];
  if (go) fetch(go);
  go = null;
}

/** Fetches, and takes note of what the hub says was lost. */
async function watched(...given) {
  const answer = await fetch(...given);
  const names = (answer.headers.get("x-tutti-lost") ?? "").split(", ").filter(Boolean);
  lost.push(...names.filter((name) => !lost.includes(name)));
  return answer;
}

/** What a program is told of an answer that failed after it had begun, where the SDK has no error for that. */
class Trouble extends Error {}

const parsed = (question, text) => (question.form ? JSON.parse(text) : null);
const only = (given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
const isText = (part) => part.text !== undefined;
const url = (part) => `data:${part.type};base64,${part.image}`;
const described = (tool) => ({ name: tool.name, description: tool.description, parameters: tool.schema });

function chatMessages(turn) {
  if (turn.said) return [turn.said];
  const results = (turn.results ?? []).map((one) => ({ role: "tool", tool_call_id: one.id, content: one.text }));
  const part = (one) => (isText(one) ? { type: "text", text: one.text } : { type: "image_url", image_url: { url: url(one) } });
  return turn.user ? [...results, { role: "user", content: turn.user.map(part) }] : results;
}

async function chat(question) {
  const api = new OpenAI({ baseURL: `${question.url}/v1`, apiKey: question.key, maxRetries: 0, fetch: watched });
  const form = { type: "json_schema", json_schema: { name: "form", strict: true, schema: question.schema } };
  const given = only({
    model: question.model,
    messages: [
      ...(question.system ? [{ role: "system", content: question.system }] : []),
      ...question.turns.flatMap(chatMessages),
    ],
    tools: question.tools?.map((tool) => ({ type: "function", function: described(tool) })),
    max_completion_tokens: question.limit,
    temperature: question.temperature,
    reasoning_effort: question.think ? "low" : undefined,
    response_format: question.form ? form : undefined,
  });
  let done, thoughts = "";
  if (question.stream) {
    const stream = api.chat.completions.stream({ ...given, stream_options: { include_usage: true } });
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta ?? {};
      thoughts += delta.reasoning_content ?? "";
      if (delta.content) hear(delta.content);
    }
    done = await stream.finalChatCompletion();
  } else {
    done = await api.chat.completions.create(given);
    thoughts = done.choices[0].message.reasoning_content ?? "";
  }
  const { message, finish_reason: reason } = done.choices[0];
  const calls = (message.tool_calls ?? []).map((call) => ({
    id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments),
  }));
  const { prompt_tokens: input, completion_tokens: output } = done.usage;
  const cached = done.usage.prompt_tokens_details?.cached_tokens;
  const usage = { input, output, cached, thoughts: done.usage.completion_tokens_details?.reasoning_tokens };
  const end = { tool_calls: "calls", content_filter: "filter" }[reason] ?? reason;
  const said = { role: "assistant", content: message.content, tool_calls: message.tool_calls };
  if (thoughts) said.reasoning_content = thoughts;
  return { text: message.content ?? "", thoughts, calls, end, usage, form: parsed(question, message.content), pieces, said };
}

function responseItems(turn) {
  if (turn.said) return turn.said;
  const results = (turn.results ?? []).map((one) => ({ type: "function_call_output", call_id: one.id, output: one.text }));
  const part = (one) =>
    isText(one) ? { type: "input_text", text: one.text } : { type: "input_image", detail: "auto", image_url: url(one) };
  return turn.user ? [...results, { role: "user", content: turn.user.map(part) }] : results;
}

async function responses(question) {
  const api = new OpenAI({ baseURL: `${question.url}/v1`, apiKey: question.key, maxRetries: 0, fetch: watched });
  const form = { format: { type: "json_schema", name: "form", strict: true, schema: question.schema } };
  const given = only({
    model: question.model,
    input: question.turns.flatMap(responseItems),
    instructions: question.system,
    tools: question.tools?.map((tool) => ({ type: "function", strict: false, ...described(tool) })),
    max_output_tokens: question.limit,
    temperature: question.temperature,
    reasoning: question.think ? { effort: "low", summary: "auto" } : undefined,
    include: question.think ? ["reasoning.encrypted_content"] : undefined,
    store: false,
    text: question.form ? form : undefined,
  });
  let done;
  if (question.stream) {
    for await (const event of await api.responses.create({ ...given, stream: true })) {
      if (event.type === "response.output_text.delta") hear(event.delta);
      if (["response.completed", "response.incomplete"].includes(event.type)) done = event.response;
      if (event.type === "response.failed") throw new Trouble(event.response.error.message);
      if (event.type === "error") throw new Trouble(event.message);
    }
    if (!done) throw new Trouble("the stream ended without an end");
  } else {
    done = await api.responses.create(given);
  }
  const of = (type) => done.output.filter((item) => item.type === type);
  const calls = of("function_call").map((item) => ({ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) }));
  const text = of("message").flatMap((item) => item.content).map((part) => part.text ?? "").join("");
  const thoughts = of("reasoning").flatMap((item) => (item.summary.length ? item.summary : item.content ?? [])).map((part) => part.text).join("");
  const reason = { max_output_tokens: "length", content_filter: "filter" }[done.incomplete_details?.reason];
  const end = done.status === "incomplete" ? reason : calls.length ? "calls" : "stop";
  const { input_tokens: input, output_tokens: output } = done.usage;
  const cached = done.usage.input_tokens_details?.cached_tokens;
  const usage = { input, output, cached, thoughts: done.usage.output_tokens_details?.reasoning_tokens };
  return { text, thoughts, calls, end, usage, form: parsed(question, text), pieces, said: done.output };
}

function anthropicMessage(turn) {
  if (turn.said) return { role: "assistant", content: turn.said };
  const results = (turn.results ?? []).map((one) => ({ type: "tool_result", tool_use_id: one.id, content: one.text }));
  const source = (one) => ({ type: "base64", media_type: one.type, data: one.image });
  const part = (one) => (isText(one) ? { type: "text", text: one.text } : { type: "image", source: source(one) });
  return { role: "user", content: [...results, ...(turn.user ?? []).map(part)] };
}

async function messages(question) {
  const api = new Anthropic({ baseURL: question.url, apiKey: question.key, maxRetries: 0, fetch: watched });
  const given = only({
    model: question.model,
    max_tokens: question.limit ?? 2048,
    system: question.system,
    messages: question.turns.map(anthropicMessage),
    tools: question.tools?.map((tool) => ({ name: tool.name, description: tool.description, input_schema: tool.schema })),
    thinking: question.think ? { type: "enabled", budget_tokens: 1024 } : undefined,
    temperature: question.temperature,
    output_config: question.form ? { format: { type: "json_schema", schema: question.schema } } : undefined,
  });
  let done;
  if (question.stream) {
    const stream = api.messages.stream(given);
    stream.on("text", hear);
    done = await stream.finalMessage();
  } else {
    done = await api.messages.create(given);
  }
  const of = (type) => done.content.filter((block) => block.type === type);
  const text = of("text").map((block) => block.text).join("");
  const calls = of("tool_use").map((block) => ({ id: block.id, name: block.name, arguments: block.input }));
  const ends = { end_turn: "stop", max_tokens: "length", tool_use: "calls", refusal: "filter" };
  const cached = done.usage.cache_read_input_tokens ?? 0;
  const input = done.usage.input_tokens + cached + (done.usage.cache_creation_input_tokens ?? 0);
  const usage = { input, output: done.usage.output_tokens, cached };
  const thoughts = of("thinking").map((block) => block.thinking).join("");
  const end = ends[done.stop_reason] ?? done.stop_reason;
  return { text, thoughts, calls, end, usage, form: parsed(question, text), pieces, said: done.content };
}

/** The names of an error's class and of those above it. */
function kinds(error) {
  const names = [];
  for (let kind = error.constructor; kind?.name; kind = Object.getPrototypeOf(kind)) names.push(kind.name);
  return names;
}

const ASK = { openai_chat: chat, openai_responses: responses, anthropic: messages };
console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  [lost, heard, pieces, go] = [[], "", 0, question.go];
  let found;
  try {
    found = { said: await ASK[question.dialect](question) };
  } catch (error) {
    found = { failed: { kinds: kinds(error), status: error.status ?? null, text: error.stack, said: heard } };
  }
  console.log(JSON.stringify({ ...found, lost }));
}
