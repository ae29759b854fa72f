// Products with matrices that stay packed (OpenCL C 1.2). `UNPACK`, `BLOCK` and `BYTES` are given for each type: the function that
// unpacks, how many numbers a block has, and how many bytes. What the bytes mean is defined by the functions `dequantize_row_...` of
// https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c

#define WORKERS 64
#define TILE 8
#define GROUP 16

typedef const global uchar *Bytes;

float half_at(Bytes bytes) {
    return vload_half(0, (const global half *)bytes);
}

uint nibble(Bytes bytes, uint at, uint is_high) {
    return is_high ? bytes[at] >> 4 : bytes[at] & 15;
}

uint bits_at(Bytes bytes) {
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint)bytes[3] << 24;
}

// Each gives the 16 numbers of group `group` of a row.

void unpack_f32(Bytes row, uint group, float *numbers) {
    for (uint at = 0; at < GROUP; at++) numbers[at] = ((const global float *)row)[group * GROUP + at];
}

void unpack_f16(Bytes row, uint group, float *numbers) {
    for (uint at = 0; at < GROUP; at++) numbers[at] = vload_half(group * GROUP + at, (const global half *)row);
}

void unpack_bf16(Bytes row, uint group, float *numbers) {
    for (uint at = 0; at < GROUP; at++)
        numbers[at] = as_float((uint)((const global ushort *)row)[group * GROUP + at] << 16);
}

void unpack_q8_0(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 2) * 34;
    float unit = half_at(block);
    for (uint at = 0; at < GROUP; at++) numbers[at] = unit * (char)block[2 + group % 2 * GROUP + at];
}

void unpack_q4_0(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 2) * 18;
    float unit = half_at(block);
    for (uint at = 0; at < GROUP; at++) numbers[at] = unit * ((float)nibble(block + 2, at, group % 2) - 8);
}

void unpack_q4_1(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 2) * 20;
    float unit = half_at(block), least = half_at(block + 2);
    for (uint at = 0; at < GROUP; at++) numbers[at] = unit * nibble(block + 4, at, group % 2) + least;
}

void unpack_q5_0(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 2) * 22;
    float unit = half_at(block);
    uint fifths = bits_at(block + 2) >> group % 2 * GROUP;
    for (uint at = 0; at < GROUP; at++) {
        uint number = nibble(block + 6, at, group % 2) | (fifths >> at & 1) << 4;
        numbers[at] = unit * ((float)number - 16);
    }
}

void unpack_q5_1(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 2) * 24;
    float unit = half_at(block), least = half_at(block + 2);
    uint fifths = bits_at(block + 4) >> group % 2 * GROUP;
    for (uint at = 0; at < GROUP; at++) {
        uint number = nibble(block + 8, at, group % 2) | (fifths >> at & 1) << 4;
        numbers[at] = unit * number + least;
    }
}

void unpack_q2k(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 16) * 84;
    group %= 16;
    float unit = half_at(block + 80) * (block[group] & 15), less = half_at(block + 82) * (block[group] >> 4);
    Bytes bytes = block + 16 + group / 8 * 32 + group % 2 * GROUP;
    uint shift = group % 8 / 2 * 2;
    for (uint at = 0; at < GROUP; at++) numbers[at] = unit * (bytes[at] >> shift & 3) - less;
}

void unpack_q3k(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 16) * 110;
    group %= 16;
    uint low = nibble(block + 96, group % 8, group / 8), high = block[104 + group % 4] >> group / 4 * 2 & 3;
    float unit = half_at(block + 108) * ((float)(low | high << 4) - 32);
    Bytes bytes = block + 32 + group / 8 * 32 + group % 2 * GROUP, thirds = block + group % 2 * GROUP;
    uint shift = group % 8 / 2 * 2;
    for (uint at = 0; at < GROUP; at++) {
        uint number = (bytes[at] >> shift & 3) | (thirds[at] >> group / 2 & 1) << 2;
        numbers[at] = unit * ((float)number - 4);
    }
}

// The scale and the offset of 6 bits of 32 numbers of the types of four and five bits, times their units.
float2 scales(Bytes block, uint turn) {
    Bytes packed = block + 4;
    uint scale, less;
    if (turn < 4) {
        scale = packed[turn] & 63;
        less = packed[turn + 4] & 63;
    } else {
        scale = (packed[turn + 4] & 15) | packed[turn - 4] >> 6 << 4;
        less = packed[turn + 4] >> 4 | packed[turn] >> 6 << 4;
    }
    return (float2)(half_at(block) * scale, half_at(block + 2) * less);
}

void unpack_q4k(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 16) * 144;
    group %= 16;
    float2 unit = scales(block, group / 2);
    Bytes bytes = block + 16 + group / 4 * 32 + group % 2 * GROUP;
    for (uint at = 0; at < GROUP; at++) numbers[at] = unit.x * nibble(bytes, at, group / 2 % 2) - unit.y;
}

void unpack_q5k(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 16) * 176;
    group %= 16;
    float2 unit = scales(block, group / 2);
    Bytes bytes = block + 48 + group / 4 * 32 + group % 2 * GROUP, fifths = block + 16 + group % 2 * GROUP;
    for (uint at = 0; at < GROUP; at++) {
        uint number = nibble(bytes, at, group / 2 % 2) | (fifths[at] >> group / 2 & 1) << 4;
        numbers[at] = unit.x * number - unit.y;
    }
}

void unpack_q6k(Bytes row, uint group, float *numbers) {
    Bytes block = row + (ulong)(group / 16) * 210;
    group %= 16;
    float unit = half_at(block + 208) * (char)block[192 + group];
    Bytes bytes = block + group / 8 * 64 + group % 4 * GROUP, fifths = block + 128 + group / 8 * 32 + group % 2 * GROUP;
    uint shift = group % 8 / 2 * 2;
    for (uint at = 0; at < GROUP; at++) {
        uint number = nibble(bytes, at, group / 4 % 2) | (fifths[at] >> shift & 3) << 4;
        numbers[at] = unit * ((float)number - 32);
    }
}

// Each of `count` inputs of `width` numbers, a multiple of 16, times each of `rows` rows of weights. Outputs stand from `start` on,
// for each input those of all rows. A group of workers multiplies one row with up to TILE inputs.
kernel __attribute__((reqd_work_group_size(WORKERS, 1, 1)))
void product(Bytes weights, const global float *inputs, global float *outputs, uint width, uint rows, uint count, uint start) {
    local float shared[WORKERS * TILE];
    uint worker = get_local_id(0), row = get_group_id(0), first = get_group_id(1) * TILE;
    uint some = min((uint)TILE, count - first);
    Bytes packed = weights + (ulong)row * (width / BLOCK) * BYTES;
    float sums[TILE];
    for (uint input = 0; input < TILE; input++) sums[input] = 0;
    for (uint group = worker; group < width / GROUP; group += WORKERS) {
        float numbers[GROUP];
        UNPACK(packed, group, numbers);
        for (uint input = 0; input < some; input++) {
            const global float *others = inputs + (ulong)(first + input) * width + group * GROUP;
            float sum = 0;
            for (uint at = 0; at < GROUP; at++) sum = mad(numbers[at], others[at], sum);
            sums[input] += sum;
        }
    }
    for (uint input = 0; input < TILE; input++) shared[input * WORKERS + worker] = sums[input];
    for (uint half_way = WORKERS / 2; half_way > 0; half_way /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (worker < half_way)
            for (uint input = 0; input < TILE; input++)
                shared[input * WORKERS + worker] += shared[input * WORKERS + worker + half_way];
    }
    if (worker == 0)
        for (uint input = 0; input < some; input++)
            outputs[start + (ulong)(first + input) * rows + row] = shared[input * WORKERS];
}
