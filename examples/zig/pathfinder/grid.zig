//! A map of square cells; each costs 1 to 9 to enter, or is a wall.

pub const max_side = 64;
pub const max_cells = max_side * max_side;
const wall: u8 = 0;

pub const Grid = struct {
    width: u32,
    height: u32,
    cells: []const u8,

    /// What it costs to enter a cell, or null for a wall or a place outside of the map.
    pub fn cost(self: Grid, x: i32, y: i32) ?u32 {
        if (x < 0 or y < 0 or x >= self.width or y >= self.height) return null;
        const value = self.cells[self.index(@intCast(x), @intCast(y))];
        return if (value == wall) null else value;
    }

    pub fn index(self: Grid, x: u32, y: u32) u32 {
        return y * self.width + x;
    }
};
