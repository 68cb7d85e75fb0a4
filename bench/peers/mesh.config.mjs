import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

export const composeConfig = defineConfig({
  subgraphs: [
    { sourceHandler: loadOpenAPISubgraph('lists', { source: './openapi.json', endpoint: process.env.BENCH_UPSTREAM }) },
  ],
  additionalTypeDefs: /* GraphQL */ `
    extend type Contact {
      owner: Owner
        @resolveTo(
          sourceName: "lists"
          sourceTypeName: "Query"
          sourceFieldName: "users"
          requiredSelectionSet: "{ ownerId }"
          keyField: "ownerId"
          keysArg: "id"
        )
    }
  `,
});
