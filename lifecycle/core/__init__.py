"""The pure core: actions, events, rejections, `decide`, `evolve`. No I/O, no clock, no chance."""
