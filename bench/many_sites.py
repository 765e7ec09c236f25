"""Many simulated sites in one process, each on a port of its own.

usage: python -m bench.many_sites SITES DOCUMENTS

Prints the sites' hosts as one JSON list and serves them until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

from simulator import SimulatorOptions
from simulator.clock import machine_now
from simulator.server import Server
from simulator.site import Site


async def serve(sites: int, documents: int) -> None:
    servers = []
    for number in range(sites):
        options = SimulatorOptions(documents=documents, seed=number, lost_documents=False)
        server = Server(Site(options, machine_now))
        await server.start()
        servers.append(server)
    print(json.dumps([f"127.0.0.1:{server.port}" for server in servers]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in servers:
        await server.stop()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
