"""The official Python SDKs of OpenAI, Anthropic, Google and Ollama as clients of the model gateway.

    python3 run.py --packages target/real --tutti target/debug/tutti

starts a real llama.cpp server with a tiny model whose answers are known, providers of the other dialects that say what the
real ones say (`spoken.py`), and a hub before them; behind each model stands a provider that is not there, so that every
answer is one of the second deployment. Then each SDK asks, streamed and not, and meets what goes wrong as its own errors. Last
come the strategies in which llama.cpp helps other models (`strategies.py`, `scripted.py`), and the examples of workflows in a hub
of their own (`workflows.py`). Prints a line of JSON for each check, and at the end how many passed and failed.
"""

import argparse
import json
import shutil
import sys
import tempfile
import traceback
import urllib.request
from pathlib import Path

import anthropic
import ollama
import openai
import strategies
import workflows
from google import genai
from google.genai import errors, types
from room import Hub, Room

HERE = Path(__file__).resolve().parent
KNOWN = HERE.parents[2] / "tiny/data/expected.json"
KEY = "k7Xq2mVb9RtLw4ZsD8pNc3Hy"
QUESTION = "Where does the owl live?"
ANSWER = "The owl lives in the tree."
USER = [{"role": "user", "content": QUESTION}]


def expect(found, wanted) -> None:
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def configuration(llama: str, spoken: str, scripted: str) -> dict:
    """Each route has a provider first that nobody can reach."""
    entries = {
        "llama": {"url": f"{llama}/v1"},
        "llama-messages": {"kind": "anthropic", "url": llama},
        "spoken-openai": {"kind": "openai", "url": spoken, "api_key": "sk-provider"},
        "spoken-ranks": {"kind": "openai-compatible", "url": spoken, "api_key": "sk-provider"},
        "spoken-anthropic": {"kind": "anthropic", "url": spoken, "api_key": "sk-provider"},
        "spoken-gemini": {"kind": "gemini", "url": spoken, "api_key": "sk-provider"},
        "spoken-ollama": {"kind": "ollama", "url": spoken, "api_key": "sk-provider"},
    }
    away = {f"{name}-away": entry | {"url": "http://127.0.0.1:1"} for name, entry in entries.items()}
    routes = {name: {"use": [f"{name}-away/tiny", f"{name}/tiny"]} for name in entries}
    broken = {f"{name}-broken": {"use": [f"{name}/broken"]} for name in entries if "spoken" in name}
    busy = {f"{name}-busy": {"use": [f"{name}/busy"]} for name in entries if "spoken" in name}
    models = {"providers": entries | away, "routes": routes | broken | busy}
    for name, more in strategies.configuration(llama, scripted).items():
        models[name] = more | models.get(name, {})
    return {"key": KEY, "models": models}


def openai_checks(url: str, spoken: str):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)
    chat = client.chat.completions

    def answer():
        raw = chat.with_raw_response.create(model="llama", messages=USER, temperature=0, max_tokens=30)
        done = raw.parse()
        expect(done.choices[0].message.content, ANSWER)
        expect(done.choices[0].finish_reason, "stop")
        expect(done.usage.completion_tokens > 3, True)
        expect(raw.headers["x-tutti-attempts"], "llama-away/tiny T-0904, llama/tiny answered")

    def stream():
        options = {"include_usage": True}
        chunks = list(
            chat.create(model="llama", messages=USER, temperature=0, max_tokens=30, stream=True, stream_options=options)
        )
        said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        expect(said, ANSWER)
        reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
        expect(reasons[-1], "stop")
        expect(chunks[-1].usage.completion_tokens > 3, True)

    def known():
        """All that the tiny model says, to the byte, behind the hub as by the code that made it."""
        said = json.loads(KNOWN.read_text(encoding="utf-8"))
        asked = [([{"role": "user", "content": entry["question"]}], entry["answer"]) for entry in said["questions"]]
        asked += [(entry["messages"], entry["answer"]) for entry in said["conversations"]]
        for messages, answer in asked:
            done = chat.create(model="llama", messages=messages, temperature=0, max_tokens=90)
            expect((messages[-1]["content"], done.choices[0].message.content), (messages[-1]["content"], answer))
            expect(done.choices[0].finish_reason, "stop")

    def schema():
        form = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"enum": ["owl", "hen"]}}}
        done = chat.create(model="llama", messages=USER, max_tokens=20, response_format=form)
        expect(json.loads(done.choices[0].message.content) in ("owl", "hen"), True)

    def responses():
        done = client.responses.create(model="spoken-openai", input=QUESTION)
        expect(done.output_text, ANSWER)
        kinds = [event.type for event in client.responses.create(model="spoken-openai", input=QUESTION, stream=True)]
        expect((kinds[0], kinds[-1]), ("response.created", "response.completed"))

    def tools():
        chunks = chat.create(model="spoken-openai", messages=USER, stream=True)
        calls: dict[int, str] = {}
        for chunk in chunks:
            for call in chunk.choices[0].delta.tool_calls or []:
                calls[call.index] = calls.get(call.index, "") + (call.function.arguments or "")
        expect(calls, {0: '{"city": "Köln"}', 1: '{"city": "Paris"}'})

    def embeddings():
        done = client.embeddings.create(model="spoken-openai", input="x", encoding_format="float")
        expect(done.data[0].embedding, [0.25, 0.5])

    def pictures():
        done = client.images.generate(model="spoken-openai", prompt="an owl")
        expect(done.data[0].b64_json, "b3ds")

    def sound():
        with client.audio.speech.with_streaming_response.create(model="spoken-openai", voice="alloy", input=ANSWER) as voice:
            expect(b"".join(voice.iter_bytes()), b"\xff\xfbowl")
        done = client.audio.transcriptions.create(model="spoken-openai", file=("a;b.mp3", b"\xff\xfb\r\n--", "audio/mpeg"))
        expect(done.text, ANSWER)

    def moderations():
        expect(client.moderations.create(model="spoken-openai", input="x").results[0].flagged, True)

    def ranks():
        body = json.dumps({"model": "spoken-ranks", "query": "owl", "documents": ["hen", "owl"]}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
        with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/rerank", body, headers)) as answer:
            expect(json.load(answer)["results"][0]["index"], 1)

    def models():
        expect("llama" in [model.id for model in client.models.list()], True)

    def busy():
        try:
            chat.create(model="spoken-openai-busy", messages=USER)
        except openai.RateLimitError as error:
            expect((error.code, error.response.headers["retry-after"]), ("T-0908", "30"))
        else:
            raise AssertionError("no error")

    def broken():
        said = ""
        try:
            for chunk in chat.create(model="spoken-openai/broken-later", messages=USER, stream=True):
                said += chunk.choices[0].delta.content or ""
                if said:
                    # The provider breaks off now, and not before the gateway has begun to answer.
                    urllib.request.urlopen(f"{spoken}/go").close()
        except openai.APIError as error:
            expect((said, error.code), ("The owl", "T-0905"))
        else:
            raise AssertionError("half an answer looks like a whole one")

    def key():
        try:
            openai.OpenAI(base_url=f"{url}/v1", api_key="sk-wrong", max_retries=0).models.list()
        except openai.AuthenticationError as error:
            expect(error.code, "T-0404")
        else:
            raise AssertionError("no error")

    def count():
        expect(client.responses.input_tokens.count(model="spoken-openai", input=QUESTION).input_tokens, 7)

    passed = [pictures, sound, moderations, ranks, count]
    return [answer, stream, known, schema, responses, tools, embeddings, *passed, models, busy, broken, key]


def anthropic_checks(url: str, _: str):
    client = anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0)
    asked = {"max_tokens": 30, "messages": USER}

    def answer():
        done = client.messages.create(model="llama-messages", extra_body={"temperature": 0}, **asked)
        expect(done.content[-1].text, ANSWER)
        expect(done.stop_reason, "end_turn")

    def stream():
        with client.messages.stream(model="llama-messages", extra_body={"temperature": 0}, **asked) as events:
            done = events.get_final_message()
        expect(done.content[-1].text, ANSWER)

    def thinking():
        with client.messages.stream(model="spoken-anthropic", **asked) as events:
            done = events.get_final_message()
        expect([block.type for block in done.content], ["thinking", "tool_use"])
        expect((done.content[0].thinking, done.content[0].signature), ("Hm.", "c2lnbmVk"))
        expect((done.content[1].input, done.stop_reason), ({"city": "Köln"}, "tool_use"))

    def count():
        expect(client.messages.count_tokens(model="spoken-anthropic", messages=USER).input_tokens, 7)

    def models():
        expect("llama" in [model.id for model in client.models.list()], True)

    def busy():
        try:
            client.messages.create(model="spoken-anthropic-busy", **asked)
        except anthropic.RateLimitError as error:
            expect(error.body["error"]["type"], "rate_limit_error")
        else:
            raise AssertionError("no error")

    def broken():
        try:
            with client.messages.stream(model="spoken-anthropic-broken", **asked) as events:
                events.get_final_message()
        except anthropic.APIStatusError as error:
            expect("T-0905" in str(error), True)
        else:
            raise AssertionError("half an answer looks like a whole one")

    return [answer, stream, thinking, count, models, busy, broken]


def google_checks(url: str, _: str):
    client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=url))

    def answer():
        done = client.models.generate_content(model="spoken-gemini", contents=QUESTION)
        expect((done.text, done.usage_metadata.total_token_count), (ANSWER, 12))
        expect(done.candidates[0].content.parts[0].thought_signature, b"signed")

    def stream():
        chunks = list(client.models.generate_content_stream(model="spoken-gemini", contents=QUESTION))
        expect("".join(chunk.text or "" for chunk in chunks), ANSWER)
        expect(chunks[-1].candidates[0].finish_reason, types.FinishReason.STOP)

    def count():
        expect(client.models.count_tokens(model="spoken-gemini", contents=QUESTION).total_tokens, 7)

    def names():
        expect("models/spoken-gemini" in [model.name for model in client.models.list()], True)

    def busy():
        try:
            client.models.generate_content(model="spoken-gemini-busy", contents=QUESTION)
        except errors.ClientError as error:
            expect((error.code, error.status), (429, "RESOURCE_EXHAUSTED"))
        else:
            raise AssertionError("no error")

    def broken():
        try:
            list(client.models.generate_content_stream(model="spoken-gemini-broken", contents=QUESTION))
        except errors.APIError as error:
            expect("T-0905" in str(error), True)
        else:
            raise AssertionError("half an answer looks like a whole one")

    return [answer, stream, count, names, busy, broken]


def ollama_checks(url: str, _: str):
    client = ollama.Client(host=url, headers={"authorization": f"Bearer {KEY}"})

    def answer():
        done = client.chat(model="spoken-ollama", messages=USER)
        expect((done.message.content, done.done_reason), (ANSWER, "stop"))

    def stream():
        chunks = list(client.chat(model="spoken-ollama", messages=USER, stream=True))
        expect("".join(chunk.message.content for chunk in chunks), ANSWER)
        expect(chunks[-1].done, True)

    def models():
        expect("spoken-ollama" in [model.model for model in client.list().models], True)

    def busy():
        try:
            client.chat(model="spoken-ollama-busy", messages=USER)
        except ollama.ResponseError as error:
            expect((error.status_code, "T-0908" in error.error), (429, True))
        else:
            raise AssertionError("no error")

    def broken():
        try:
            list(client.chat(model="spoken-ollama-broken", messages=USER, stream=True))
        except ollama.ResponseError as error:
            expect("T-0905" in error.error, True)
        else:
            raise AssertionError("half an answer looks like a whole one")

    return [answer, stream, models, busy, broken]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True, help="where the packages are installed")
    parser.add_argument("--tutti", type=Path, required=True, help="the program under test")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tutti-models-"))
    room, passed, failed = Room(home), 0, 0
    try:
        servers = [room.start(name, [sys.executable, str(HERE / f"{name}.py")])["url"] for name in ("llama", "spoken", "scripted")]
        (home / "tutti.yaml").write_text(json.dumps(configuration(*servers)), encoding="utf-8")
        up = [str(given.tutti.absolute()), "up", "--listen", "127.0.0.1:0", "--json"]
        url = room.start("tutti", up, TUTTI_HOME=str(home / "state"), TUTTI_KEY="")["url"].removesuffix("/mcp")
        sdks = {"openai": openai_checks, "anthropic": anthropic_checks, "google": google_checks, "ollama": ollama_checks}
        sdks["strategy"] = lambda url, _: strategies.checks(url, KEY)
        examples = home / "examples"
        workflows.prepare(examples)
        (examples / "tutti.yaml").write_text(json.dumps(workflows.configuration(servers[0], given.packages, examples)), encoding="utf-8")
        second = Hub(room, "examples", up, examples)
        sdks["workflow"] = lambda *_: workflows.checks(second)
        for sdk, checks in sdks.items():
            for check in checks(url, servers[1]):
                problem = None
                try:
                    check()
                except Exception:
                    problem = traceback.format_exc(limit=-2)
                passed, failed = passed + (problem is None), failed + (problem is not None)
                print(json.dumps({"check": f"{sdk} {check.__name__}", "problem": problem}), flush=True)
    finally:
        room.stop()
        if failed:
            print("\n".join((home / "tutti.log").read_text(errors="replace").splitlines()[-20:]), file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps({"passed": passed, "failed": failed}))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
