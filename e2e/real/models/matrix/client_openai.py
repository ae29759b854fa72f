"""The Python SDK of OpenAI: chat completions and Responses."""

import json

import openai
from client import Client, Form, Said, Trouble


def options(question: dict, **more) -> dict:
    return {"model": question["model"]} | {name: value for name, value in more.items() if value is not None}


def function(tool: dict) -> dict:
    return {"name": tool["name"], "description": tool["description"], "parameters": tool["schema"]}


class OpenAi(Client):
    errors = openai.APIError

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        http = openai.DefaultHttpxClient(event_hooks={"response": [self.note]})
        self.api = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=http)


class Chat(OpenAi):
    dialect = "openai_chat"
    ENDS = {"tool_calls": "calls", "content_filter": "filter"}

    def messages(self, question: dict):
        if "system" in question:
            yield {"role": "system", "content": question["system"]}
        for turn in question["turns"]:
            if "said" in turn:
                yield turn["said"]
            for found in turn.get("results", []):
                yield {"role": "tool", "tool_call_id": found["id"], "content": found["text"]}
            if "user" in turn:
                yield {"role": "user", "content": [self.part(part) for part in turn["user"]]}

    def part(self, part: dict) -> dict:
        if "text" in part:
            return {"type": "text", "text": part["text"]}
        return {"type": "image_url", "image_url": {"url": f"data:{part['type']};base64,{part['image']}"}}

    def ask(self, question: dict) -> Said:
        tools = [{"type": "function", "function": function(tool)} for tool in question.get("tools", [])]
        given = options(
            question,
            messages=list(self.messages(question)),
            tools=tools or None,
            max_completion_tokens=question.get("limit"),
            reasoning_effort="low" if question.get("think") else None,
            temperature=question.get("temperature"),
        )
        if question["stream"]:
            return self.streamed(given, question)
        if question.get("form"):
            done = self.api.chat.completions.parse(response_format=Form, **given)
        else:
            done = self.api.chat.completions.create(**given)
        said = self.read(done.choices[0].message, done.choices[0].finish_reason, done.usage)
        said.form = done.choices[0].message.parsed.model_dump() if question.get("form") else None
        return said

    def streamed(self, given: dict, question: dict) -> Said:
        with_usage = {"stream_options": {"include_usage": True}}
        if question.get("form"):
            with self.api.chat.completions.stream(response_format=Form, **with_usage, **given) as events:
                pieces = sum(event.type == "content.delta" for event in events)
                done = events.get_final_completion()
            said = self.read(done.choices[0].message, done.choices[0].finish_reason, done.usage)
            said.form, said.pieces = done.choices[0].message.parsed.model_dump(), pieces
            return said
        whole: dict = {"role": "assistant", "content": None}
        calls: dict[int, dict] = {}
        end, usage, pieces = None, None, 0
        for chunk in self.api.chat.completions.create(stream=True, **with_usage, **given):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                end = choice.finish_reason or end
                delta = choice.delta
                thoughts = getattr(delta, "reasoning_content", None)
                if thoughts:
                    whole["reasoning_content"] = whole.get("reasoning_content", "") + thoughts
                if delta.content:
                    self.hear(delta.content)
                    whole["content"], pieces = self.heard, pieces + 1
                for call in delta.tool_calls or []:
                    own = calls.setdefault(call.index, {"type": "function", "function": {"name": "", "arguments": ""}})
                    own["id"] = call.id or own.get("id")
                    own["function"]["name"] += call.function.name or ""
                    own["function"]["arguments"] += call.function.arguments or ""
        if calls:
            whole["tool_calls"] = list(calls.values())
        said = self.read(openai.types.chat.ChatCompletionMessage.model_validate(whole), end, usage)
        said.pieces = pieces
        return said

    def read(self, message, end, usage) -> Said:
        calls = [
            {"id": call.id, "name": call.function.name, "arguments": json.loads(call.function.arguments)}
            for call in message.tool_calls or []
        ]
        took = {"input": usage.prompt_tokens, "output": usage.completion_tokens}
        if usage.prompt_tokens_details:
            took["cached"] = usage.prompt_tokens_details.cached_tokens
        if usage.completion_tokens_details:
            took["thoughts"] = usage.completion_tokens_details.reasoning_tokens
        thoughts = getattr(message, "reasoning_content", None) or ""
        return Said(message.content or "", thoughts, calls, self.ENDS.get(end, end), took, said=message)


class Responses(OpenAi):
    dialect = "openai_responses"
    ENDS = {"max_output_tokens": "length", "content_filter": "filter"}

    def items(self, question: dict):
        for turn in question["turns"]:
            yield from turn.get("said", [])
            for found in turn.get("results", []):
                yield {"type": "function_call_output", "call_id": found["id"], "output": found["text"]}
            if "user" in turn:
                yield {"role": "user", "content": [self.part(part) for part in turn["user"]]}

    def part(self, part: dict) -> dict:
        if "text" in part:
            return {"type": "input_text", "text": part["text"]}
        return {"type": "input_image", "detail": "auto", "image_url": f"data:{part['type']};base64,{part['image']}"}

    def ask(self, question: dict) -> Said:
        tools = [{"type": "function", "strict": False} | function(tool) for tool in question.get("tools", [])]
        given = options(
            question,
            input=list(self.items(question)),
            instructions=question.get("system"),
            tools=tools or None,
            max_output_tokens=question.get("limit"),
            reasoning={"effort": "low", "summary": "auto"} if question.get("think") else None,
            include=["reasoning.encrypted_content"] if question.get("think") else None,
            store=False,
            temperature=question.get("temperature"),
            text_format=Form if question.get("form") else None,
        )
        if not question["stream"]:
            responses = self.api.responses
            return self.read((responses.parse if question.get("form") else responses.create)(**given), 0)
        pieces, done = 0, None
        with self.api.responses.stream(**given) as events:
            for event in events:
                if event.type == "response.output_text.delta":
                    self.hear(event.delta)
                    pieces += 1
                elif event.type in ("response.completed", "response.incomplete"):
                    done = event.response
                elif event.type == "response.failed":
                    raise Trouble(f"{event.response.error.code}: {event.response.error.message}")
                elif event.type == "error":
                    raise Trouble(f"{event.code}: {event.message}")
        if done is None:
            raise Trouble("the stream ended without an end")
        if done.output_text != self.heard:
            raise AssertionError(f"{self.heard!r} was streamed, and {done.output_text!r} is the whole")
        return self.read(done, pieces)

    def read(self, done, pieces: int) -> Said:
        calls = [
            {"id": item.call_id, "name": item.name, "arguments": json.loads(item.arguments)}
            for item in done.output
            if item.type == "function_call"
        ]
        # Thoughts stand in a summary, or where a model shows them as they are, in the content.
        thoughts = [item for item in done.output if item.type == "reasoning"]
        shown = [part.text for item in thoughts for part in item.summary or item.content or []]
        reason = done.incomplete_details.reason if done.incomplete_details else None
        end = self.ENDS.get(reason, reason) if done.status == "incomplete" else "calls" if calls else "stop"
        usage = done.usage
        took = {
            "input": usage.input_tokens,
            "output": usage.output_tokens,
            "cached": usage.input_tokens_details.cached_tokens,
            "thoughts": usage.output_tokens_details.reasoning_tokens,
        }
        parsed = getattr(done, "output_parsed", None)
        form = parsed.model_dump() if isinstance(parsed, Form) else None
        return Said(done.output_text, "".join(shown), calls, end, took, form, pieces, done.output)
