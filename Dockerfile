# The program in an image of its own: built and installed in one stage, carried into another that holds nothing else.
# Everything installed is checked against the hashes of the lock files.

FROM python:3.12-slim-bookworm AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY deploy/requirements.lock deploy/requirements.lock
RUN python -m venv --without-pip /opt/crmgraph \
    && pip --python /opt/crmgraph/bin/python install --require-hashes --no-deps -r deploy/requirements.lock
# The build's own tools are among those of the whole lock; they stay behind in this stage.
COPY requirements.lock ./
RUN pip install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/crmgraph/bin/python install --no-deps --no-index /wheels/*.whl

FROM python:3.12-slim-bookworm
ENV PATH=/opt/crmgraph/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/crmgraph /opt/crmgraph
# Our own state; a volume that is mounted here takes its owner over.
RUN mkdir /var/lib/crmgraph && chown 10001:10001 /var/lib/crmgraph
# A number, because an orchestrator that forbids root cannot tell what a name stands for.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "from http.client import HTTPConnection as To; to = To('127.0.0.1', 8000, timeout=3); to.request('GET', '/livez'); raise SystemExit(to.getresponse().status != 200)"]
ENTRYPOINT ["crmgraph"]
CMD ["serve", "-c", "/etc/crmgraph/crmgraph.yaml", "--host", "0.0.0.0", "--port", "8000"]
