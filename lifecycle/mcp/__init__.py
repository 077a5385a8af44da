"""The Model Context Protocol: the tools of agents and what a world holds, over HTTP and stdio."""
