import { schema as published } from "@octokit/graphql-schema";
import {
  GraphQLError,
  OperationTypeNode,
  buildSchema,
  execute,
  getOperationAST,
  parse,
  validate,
} from "graphql";
import type { DocumentNode, GraphQLFieldResolver, GraphQLSchema } from "graphql";
import { mutations } from "./graphql-mutations.ts";
import { queries } from "./graphql-resolvers.ts";
import { isObject, objectIn, parseJson, textIn } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { refuse } from "./replies.ts";
import type { Reply } from "./replies.ts";
import type { Hub, Identity } from "./state.ts";

/** What resolvers are given. */
export interface GraphqlContext {
  readonly hub: Hub;
  readonly identity: Identity;
}

let schema: GraphQLSchema | null = null;

/**
 * Answers a query over GitHub's own schema.
 *
 * A query that the schema does not allow, and a field that the fake does not know, are violations: the answer has the error, and so
 * has the server's list.
 */
export async function answerGraphql(
  hub: Hub,
  identity: Identity | null,
  body: Json,
): Promise<Reply & { readonly violations: readonly string[] }> {
  if (identity === null) {
    throw refuse(401, "Requires authentication");
  }
  const asked = isObject(body) ? body : {};
  const query = textIn(asked, "query");
  if (query === null) {
    throw refuse(400, "A query attribute must be specified and must be a string.");
  }
  schema ??= buildSchema(published.idl, { assumeValid: true });
  const document = parsed(query);
  const faults = document instanceof GraphQLError ? [document] : validate(schema, document);
  if (document instanceof GraphQLError || faults.length > 0) {
    const errors = faults.map(({ message }) => ({ message }));
    return { status: 200, body: { errors }, violations: errors.map(({ message }) => message) };
  }
  const unknown: string[] = [];
  const isMutation = getOperationAST(document, null)?.operation === OperationTypeNode.MUTATION;
  const result = await execute({
    schema,
    document,
    rootValue: isMutation ? mutations : queries,
    contextValue: { hub, identity } satisfies GraphqlContext,
    variableValues: objectIn(asked, "variables") ?? {},
    operationName: textIn(asked, "operationName"),
    fieldResolver: strictResolver(unknown),
  });
  const errors = (result.errors ?? []).map(errorView);
  return {
    status: 200,
    body: { data: plain(result.data), ...(errors.length === 0 ? {} : { errors }) },
    violations: unknown,
  };
}

/** A field that the fake has no answer for fails; it never reads as null. */
function strictResolver(
  unknown: string[],
): GraphQLFieldResolver<unknown, GraphqlContext, JsonObject> {
  return (...[source, args, context, info]) => {
    const value = isSource(source) ? source[info.fieldName] : undefined;
    if (value === undefined) {
      const message = `The fake does not resolve ${info.parentType.name}.${info.fieldName}.`;
      unknown.push(message);
      throw new GraphQLError(message);
    }
    return isField(value) ? value(args, context) : value;
  };
}

type Field = (args: JsonObject, context: GraphqlContext) => unknown;

function isField(value: unknown): value is Field {
  return typeof value === "function";
}

function isSource(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function parsed(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) {
      return error;
    }
    throw error;
  }
}

/** GitHub names the type of an error beside its message. */
function errorView({ message, path, locations, extensions }: GraphQLError): JsonObject {
  const { type } = extensions;
  return {
    ...(typeof type === "string" ? { type } : {}),
    ...(path === undefined ? {} : { path: [...path] }),
    ...(locations === undefined
      ? {}
      : { locations: locations.map(({ line, column }) => ({ line, column })) }),
    message,
  };
}

function plain(data: unknown): Json {
  return data === null || data === undefined ? null : parseJson(JSON.stringify(data));
}
