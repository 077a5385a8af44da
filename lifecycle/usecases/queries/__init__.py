"""What the faces show, read and never written: one room for HTTP, pages, commands and tools.

No import stands here; what submits, compiles or founds stays in `usecases`.
"""
