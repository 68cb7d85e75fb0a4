// Opens GraphiQL on this server's graph, with the examples the server hands out.
"use strict";

const INTRODUCTION = `# crmgraph: one GraphQL endpoint over all
# your CRMs, one Contact per person.
#
# Ctrl-Enter runs the query, Ctrl-Space completes,
# the book at the upper left opens the schema.
`;

// Other GraphiQLs on this host and port keep their tabs apart from ours.
const PREFIX = "crmgraph:";
const storage = {
  getItem: (key) => localStorage.getItem(PREFIX + key),
  setItem: (key, value) => localStorage.setItem(PREFIX + key, value),
  removeItem: (key) => localStorage.removeItem(PREFIX + key),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ownKeys().length;
  },
};

function ownKeys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

// GraphiQL takes the variables of the first tab from its storage only, so on the first visit they are put there.
function remember({ query, variables }) {
  if (storage.getItem("graphiql:tabState")) return;
  storage.setItem("graphiql:query", query);
  storage.setItem("graphiql:variables", variables ?? "");
}

async function examples() {
  const reply = await fetch("console/examples.json");
  if (!reply.ok) throw new Error(`The examples could not be read: HTTP ${reply.status}.`);
  return reply.json();
}

function tab({ title, query, variables }, index) {
  const opening = index === 0 ? `${INTRODUCTION}\n` : "";
  return {
    query: `${opening}# ${title}\n${query.trim()}\n`,
    variables: variables ? JSON.stringify(variables, null, 2) : null,
  };
}

function brand() {
  const picture = React.createElement("img", { src: "console/favicon.svg", alt: "" });
  return React.createElement("span", { className: "brand" }, picture, "crmgraph");
}

function open(tabs) {
  remember(tabs[0]);
  const properties = {
    fetcher: GraphiQL.createFetcher({ url: "graphql", enableIncrementalDelivery: false }),
    storage,
    defaultQuery: INTRODUCTION,
    defaultTabs: tabs,
    defaultEditorToolsVisibility: tabs[0].variables ? "variables" : undefined,
  };
  const logo = React.createElement(GraphiQL.Logo, null, brand());
  const page = React.createElement(GraphiQL, properties, logo);
  ReactDOM.createRoot(document.getElementById("console")).render(page);
}

function fail(error) {
  document.querySelector(".notice").textContent = `The console could not be opened. ${error.message}`;
}

examples()
  .then((list) => open(list.length ? list.map(tab) : [{ query: INTRODUCTION, variables: null }]))
  .catch(fail);
