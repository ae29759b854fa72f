"""Makes the file of the embedder that the binary holds: all-MiniLM-L6-v2 with weights of 4 bits.

make.py FOLDER OUT REFERENCE: FOLDER holds the model as it was published; OUT gets the weights, REFERENCE the vectors of
the model as it was, and of the model as it comes out of OUT, for the test that compares. `cargo xtask embedder` runs it.

The layout of OUT, all numbers little-endian, is what `crates/search/src/minilm/weights.rs` reads:
  "TUTTI EMBEDDER 1", the length of the vocabulary (u32), the vocabulary (a piece a line),
  the rows of the tables of words and positions,
  the type of a first sentence and the two vectors of the first normalisation,
  for each layer: query, key and value as one matrix, the matrix of the attention's output, a normalisation, the matrix in,
  the matrix out, a normalisation; after each matrix its bias.
A vector is f16. A row is 12 scales (f16) and 384 numbers of 4 bits, of which the first of two is the low one. A matrix is
cut into panels of 32 outputs, and these into groups of 32 inputs: 32 scales (f16), one for each output; then for each 8
inputs a u32 for each output, with the first input in the lowest bits.
"""

import hashlib
import json
import math
import struct
import sys
from pathlib import Path

import numpy
from tokenizers import Tokenizer

GROUP = 32
PANEL = 32
LAYERS = 6
HEADS = 12
LONGEST = 256
MAGIC = b"TUTTI EMBEDDER 1"
# The weights as they were published (SHA-256).
PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def tensors(path):
    """All tensors of a safetensors file by name."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    kinds = {"F32": numpy.float32, "I64": numpy.int64}
    found = {}
    for name, about in header.items():
        start, end = about["data_offsets"]
        raw = data[8 + length + start : 8 + length + end]
        found[name] = numpy.frombuffer(raw, kinds[about["dtype"]]).reshape(about["shape"])
    return found


def quantise(matrix):
    """Groups of 32 along the last axis as whole numbers from -8 to 7 with one f16 scale each: the best of some scales."""
    groups = matrix.reshape(-1, GROUP).astype(numpy.float32)
    place = numpy.abs(groups).argmax(axis=1, keepdims=True)
    largest = numpy.take_along_axis(groups, place, axis=1)
    best = numpy.full((len(groups), 1), numpy.inf, numpy.float32)
    scales = numpy.zeros((len(groups), 1), numpy.float16)
    # The largest goes to -8, of which there is no positive twin, or to 7 of either sign; and shrunk, which cuts it off.
    for divisor in (-8.0, 7.0):
        for shrink in numpy.arange(1.0, 0.69, -0.025):
            candidate = (largest * shrink / divisor).astype(numpy.float16)
            step = numpy.where(candidate == 0, 1, candidate).astype(numpy.float32)
            rounded = numpy.clip(numpy.rint(groups / step), -8, 7)
            error = ((rounded * candidate.astype(numpy.float32) - groups) ** 2).sum(axis=1, keepdims=True)
            better = error < best
            best = numpy.where(better, error, best)
            scales = numpy.where(better, candidate, scales)
    step = numpy.where(scales == 0, 1, scales).astype(numpy.float32)
    whole = numpy.clip(numpy.rint(groups / step), -8, 7).astype(numpy.int8)
    shape = (*matrix.shape[:-1], matrix.shape[-1] // GROUP)
    return whole.reshape(matrix.shape), scales.reshape(shape)


def restored(matrix):
    """The matrix as it comes out of the file."""
    whole, scales = quantise(matrix)
    return whole.astype(numpy.float32) * numpy.repeat(scales.astype(numpy.float32), GROUP, axis=-1)


def packed_rows(table):
    whole, scales = quantise(table)
    bits = (whole + 8).astype(numpy.uint8)
    pairs = bits[:, 0::2] | (bits[:, 1::2] << 4)
    return b"".join(scale.tobytes() + pair.tobytes() for scale, pair in zip(scales, pairs))


def packed_matrix(matrix):
    """`matrix` is [outputs, inputs]."""
    whole, scales = quantise(matrix)
    outputs, inputs = matrix.shape
    bits = (whole + 8).astype(numpy.uint32).reshape(outputs // PANEL, PANEL, inputs // GROUP, GROUP // 8, 8)
    words = numpy.zeros(bits.shape[:-1], numpy.uint32)
    for place in range(8):
        words |= bits[..., place] << numpy.uint32(4 * place)
    scales = scales.reshape(outputs // PANEL, PANEL, inputs // GROUP)
    out = []
    for panel in range(outputs // PANEL):
        for group in range(inputs // GROUP):
            out.append(scales[panel, :, group].tobytes())
            out.append(words[panel, :, group, :].T.astype("<u4").tobytes())
    return b"".join(out)


def vector(values):
    return values.astype(numpy.float16).tobytes()


def parts(layer):
    """The names of a layer's tensors."""
    base = f"encoder.layer.{layer}"
    return {
        "query": f"{base}.attention.self.query",
        "key": f"{base}.attention.self.key",
        "value": f"{base}.attention.self.value",
        "attention": f"{base}.attention.output.dense",
        "first": f"{base}.attention.output.LayerNorm",
        "in": f"{base}.intermediate.dense",
        "out": f"{base}.output.dense",
        "second": f"{base}.output.LayerNorm",
    }


def file(model, vocabulary):
    out = [MAGIC, struct.pack("<I", len(vocabulary)), vocabulary]
    out.append(packed_rows(model["embeddings.word_embeddings.weight"]))
    out.append(packed_rows(model["embeddings.position_embeddings.weight"][:LONGEST]))
    out.append(vector(model["embeddings.token_type_embeddings.weight"][0]))
    norm = lambda name: [vector(model[f"{name}.weight"]), vector(model[f"{name}.bias"])]
    dense = lambda name: [packed_matrix(model[f"{name}.weight"]), vector(model[f"{name}.bias"])]
    out += norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = parts(layer)
        three = [name["query"], name["key"], name["value"]]
        out.append(packed_matrix(numpy.concatenate([model[f"{one}.weight"] for one in three])))
        out.append(vector(numpy.concatenate([model[f"{one}.bias"] for one in three])))
        out += dense(name["attention"]) + norm(name["first"])
        out += dense(name["in"]) + dense(name["out"]) + norm(name["second"])
    return b"".join(out)


def normalised(values, model, name):
    mean = values.mean(axis=-1, keepdims=True)
    variance = ((values - mean) ** 2).mean(axis=-1, keepdims=True)
    return (values - mean) / numpy.sqrt(variance + 1e-12) * model[f"{name}.weight"] + model[f"{name}.bias"]


def embedding(model, tokens):
    """The vector of a text by the model: the mean of what comes out for its tokens, of length 1."""
    dense = lambda values, name: values @ model[f"{name}.weight"].T + model[f"{name}.bias"]
    error_function = numpy.vectorize(math.erf, otypes=[numpy.float32])
    state = model["embeddings.word_embeddings.weight"][tokens]
    state = state + model["embeddings.position_embeddings.weight"][: len(tokens)]
    state = normalised(state + model["embeddings.token_type_embeddings.weight"][0], model, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = parts(layer)
        heads = lambda part: dense(state, name[part]).reshape(len(tokens), HEADS, -1).transpose(1, 0, 2)
        query, key, value = heads("query"), heads("key"), heads("value")
        weights = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        weights = numpy.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ value).transpose(1, 0, 2).reshape(state.shape)
        state = normalised(state + dense(mixed, name["attention"]), model, name["first"])
        inner = dense(state, name["in"])
        inner = inner * 0.5 * (1 + error_function(inner / math.sqrt(2)))
        state = normalised(state + dense(inner, name["out"]), model, name["second"])
    mean = state.mean(axis=0)
    return mean / numpy.linalg.norm(mean)


def tokenizer(path):
    found = Tokenizer.from_file(str(path))
    found.no_padding()
    found.enable_truncation(LONGEST)
    return found


def main(folder, out, reference):
    weights = folder / "model.safetensors"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != PUBLISHED:
        sys.exit(f"{weights} is not the model that was published")
    model = tensors(weights)
    vocabulary = (folder / "vocab.txt").read_bytes().rstrip(b"\n")
    out.write_bytes(file(model, vocabulary))
    kept = {name: restored(tensor) if tensor.ndim == 2 and tensor.shape[0] > 2 else tensor
            for name, tensor in model.items() if tensor.dtype == numpy.float32}
    tokens_of = tokenizer(folder / "tokenizer.json")
    texts = json.loads((Path(__file__).parent / "texts.json").read_text())
    lines, likeness = [], []
    for text in texts:
        tokens = tokens_of.encode(text).ids
        original = embedding(model, tokens)
        packed = embedding(kept, tokens)
        likeness.append(float(original @ packed))
        short = lambda numbers: [round(float(number), 5) for number in numbers]
        line = {"text": text, "tokens": tokens, "vector": short(original), "packed": short(packed)}
        lines.append(json.dumps(line, ensure_ascii=False))
    reference.write_text("\n".join(lines) + "\n")
    print(f"{out.stat().st_size} bytes; likeness to the original: least {min(likeness):.4f},"
          f" mean {sum(likeness) / len(likeness):.4f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
