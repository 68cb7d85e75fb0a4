"""The reference implementation's own audit of GraphQL over HTTP, run against a real server."""

import json
import os
import shutil
import subprocess

from tests.needs import needs
from tests.web.served import served
from tests.web.tiny import TinyGraph, always_ready

from crmgraph.web.app import create

AUDIT = """
const { serverAudits } = require("graphql-http");
(async () => {
  const results = [];
  for (const audit of serverAudits({ url: process.argv[1] + "/graphql", fetchFn: fetch })) {
    const { name, status, reason } = await audit.fn();
    results.push({ name, status, reason });
  }
  console.log(JSON.stringify(results));
})();
"""


def node(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a script that may use the packages installed globally with npm."""
    packages = subprocess.run(["npm", "root", "--global"], capture_output=True, text=True).stdout.strip()
    environment = os.environ | {"NODE_PATH": packages}
    return subprocess.run(["node", "-e", script, *arguments], capture_output=True, text=True, env=environment)


def test_every_audit_of_the_reference_implementation_passes() -> None:
    has_node = bool(shutil.which("node") and shutil.which("npm"))
    needs("Node with the npm package graphql-http", has_node and node("require('graphql-http')").returncode == 0)
    with served(create(TinyGraph(), always_ready, console=False)) as address:
        results = json.loads(node(AUDIT, address).stdout)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) >= 61
