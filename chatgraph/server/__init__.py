"""The server's process: uvicorn as chatgraph runs it, how it speaks HTTP, and several of it on one machine."""
