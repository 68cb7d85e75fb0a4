"""`./dev bench`."""
import json, sys, tempfile
from contextlib import ExitStack
from pathlib import Path
import httpx
from bench import upstream as up
from bench.peers import PEERS
from bench.installing import install, TAILCALL
from bench.load import missing
from bench.works import WORKS
from bench.measuring import measure, middle

def main():
    letter = sys.argv[1] if len(sys.argv) > 1 else "a"
    names = sys.argv[2].split(",") if len(sys.argv) > 2 else list(PEERS)
    rounds, seconds, connections = 3, 5, 16
    work = WORKS[letter]
    if "tailcall" in names: print(install(TAILCALL) or "", file=sys.stderr)
    for lack in (up.missing(), missing()):
        if lack: sys.exit(lack)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = stack.enter_context(up.serving(folder))
        servers = [stack.enter_context(PEERS[n](source.address(0), folder)) for n in names]
        answers = []
        for s in servers:
            r = httpx.post(s.url, json={"query": work.question(s.name == "crmgraph")}, timeout=20).json()
            answers.append(work.answer(r["data"], s.name == "crmgraph"))
        for s, a in zip(servers, answers):
            if a != answers[0]:
                print(s.name, "DIFFERS", json.dumps(a)[:600]); print(json.dumps(answers[0])[:600])
        for s in servers:
            measure(s, source, work.question(s.name == "crmgraph"), connections, seconds)
        found = {s.name: [] for s in servers}
        for _ in range(rounds):
            for s in servers:
                found[s.name].append(measure(s, source, work.question(s.name == "crmgraph"), connections, seconds))
        for n, m in found.items():
            print(n, [round(x.rate) for x in m], middle(m))
main()
