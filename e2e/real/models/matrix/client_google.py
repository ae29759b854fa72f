"""The Python SDK of Google."""

import base64

from client import Client, Form, Said
from google import genai
from google.genai import errors, types


class Gemini(Client):
    dialect = "gemini"
    errors = errors.APIError
    ENDS = {types.FinishReason.MAX_TOKENS: "length", types.FinishReason.SAFETY: "filter", types.FinishReason.STOP: "stop"}

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        http = {"event_hooks": {"response": [self.note]}}
        self.api = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url, client_args=http))

    def part(self, part: dict) -> types.Part:
        if "text" in part:
            return types.Part.from_text(text=part["text"])
        return types.Part.from_bytes(data=base64.b64decode(part["image"]), mime_type=part["type"])

    def content(self, turn: dict) -> types.Content:
        if "said" in turn:
            return turn["said"]
        results = [
            types.Part(function_response=types.FunctionResponse(id=found["id"], name=found["name"], response={"output": found["text"]}))
            for found in turn.get("results", [])
        ]
        return types.Content(role="user", parts=results + [self.part(part) for part in turn.get("user", [])])

    def ask(self, question: dict) -> Said:
        functions = [
            types.FunctionDeclaration(name=tool["name"], description=tool["description"], parameters_json_schema=tool["schema"])
            for tool in question.get("tools", [])
        ]
        form = {"response_mime_type": "application/json", "response_schema": Form} if question.get("form") else {}
        config = types.GenerateContentConfig(
            system_instruction=question.get("system"),
            max_output_tokens=question.get("limit"),
            temperature=question.get("temperature"),
            tools=[types.Tool(function_declarations=functions)] if functions else None,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024) if question.get("think") else None,
            **form,
        )
        given = {"model": question["model"], "contents": [self.content(turn) for turn in question["turns"]], "config": config}
        if not question["stream"]:
            done = self.api.models.generate_content(**given)
            said = self.read([done], 0)
            said.form = done.parsed.model_dump() if question.get("form") else None
            return said
        chunks, pieces = [], 0
        for chunk in self.api.models.generate_content_stream(**given):
            chunks.append(chunk)
            spoken = "".join(part.text or "" for part in self.parts(chunk) if not part.thought)
            self.hear(spoken)
            pieces += bool(spoken)
        said = self.read(chunks, pieces)
        said.form = Form.model_validate_json(said.text).model_dump() if question.get("form") else None
        return said

    def parts(self, chunk) -> list[types.Part]:
        candidate = chunk.candidates[0] if chunk.candidates else None
        return (candidate.content.parts or []) if candidate and candidate.content else []

    def read(self, chunks: list, pieces: int) -> Said:
        parts = [part for chunk in chunks for part in self.parts(chunk)]
        calls = [
            {"id": part.function_call.id, "name": part.function_call.name, "arguments": part.function_call.args}
            for part in parts
            if part.function_call
        ]
        ends = [candidate.finish_reason for chunk in chunks for candidate in chunk.candidates or [] if candidate.finish_reason]
        end = self.ENDS.get(ends[-1], str(ends[-1])) if ends else None
        usage = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata][-1]
        thought = usage.thoughts_token_count or 0
        took = {
            "input": usage.prompt_token_count,
            "output": (usage.candidates_token_count or 0) + thought,
            "cached": usage.cached_content_token_count or 0,
            "thoughts": thought,
        }
        return Said(
            "".join(part.text or "" for part in parts if not part.thought),
            "".join(part.text or "" for part in parts if part.thought),
            calls,
            # Calls have no word of their own here.
            "calls" if calls and end == "stop" else end,
            took,
            pieces=pieces,
            said=types.Content(role="model", parts=parts),
        )
