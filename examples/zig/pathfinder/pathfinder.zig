//! The cheapest way between two cells of a map, by Dijkstra's algorithm with a binary heap.
//!
//! The caller writes `width * height` bytes at `cells()`, 0 for a wall and else the cost of
//! entering the cell, and calls `shortest`.

const grid_file = @import("grid.zig");
const Grid = grid_file.Grid;
const max_cells = grid_file.max_cells;

const unreachable_cost: u32 = 0xFFFF_FFFF;
const Entry = struct { cost: u32, cell: u32 };

var cell_bytes: [max_cells]u8 = undefined;
var best: [max_cells]u32 = undefined;
// A cell enters the heap once for each of its neighbours at most.
var heap: [4 * max_cells + 1]Entry = undefined;
var heap_len: usize = 0;

export fn cells() [*]u8 {
    return &cell_bytes;
}

/// The cost of the cheapest way, or -1 where there is none or the arguments make no sense.
export fn shortest(width: u32, height: u32, from: u32, to: u32) i32 {
    if (width == 0 or height == 0) return -1;
    if (width > grid_file.max_side or height > grid_file.max_side) return -1;
    const count = width * height;
    if (from >= count or to >= count) return -1;
    const grid = Grid{ .width = width, .height = height, .cells = cell_bytes[0..count] };
    const cost = search(grid, from, to);
    return if (cost == unreachable_cost) -1 else @intCast(cost);
}

fn search(grid: Grid, from: u32, to: u32) u32 {
    @memset(best[0 .. grid.width * grid.height], unreachable_cost);
    heap_len = 0;
    best[from] = 0;
    push(.{ .cost = 0, .cell = from });
    while (pop()) |entry| {
        if (entry.cell == to) return entry.cost;
        if (entry.cost > best[entry.cell]) continue;
        visit(grid, entry);
    }
    return unreachable_cost;
}

fn visit(grid: Grid, entry: Entry) void {
    const x: i32 = @intCast(entry.cell % grid.width);
    const y: i32 = @intCast(entry.cell / grid.width);
    const steps = [_][2]i32{ .{ 1, 0 }, .{ -1, 0 }, .{ 0, 1 }, .{ 0, -1 } };
    for (steps) |step| {
        const enter = grid.cost(x + step[0], y + step[1]) orelse continue;
        const cell = grid.index(@intCast(x + step[0]), @intCast(y + step[1]));
        const cost = entry.cost + enter;
        if (cost < best[cell]) {
            best[cell] = cost;
            push(.{ .cost = cost, .cell = cell });
        }
    }
}

fn push(entry: Entry) void {
    var at = heap_len;
    heap_len += 1;
    while (at > 0 and heap[(at - 1) / 2].cost > entry.cost) : (at = (at - 1) / 2) {
        heap[at] = heap[(at - 1) / 2];
    }
    heap[at] = entry;
}

fn pop() ?Entry {
    if (heap_len == 0) return null;
    const top = heap[0];
    heap_len -= 1;
    const last = heap[heap_len];
    var at: usize = 0;
    while (2 * at + 1 < heap_len) {
        var child = 2 * at + 1;
        if (child + 1 < heap_len and heap[child + 1].cost < heap[child].cost) child += 1;
        if (heap[child].cost >= last.cost) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}
