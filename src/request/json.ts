/** JSON as TypeScript sees it. */

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** A JSON Schema (draft 2020-12 profile); checked by the provider or by our validator, not by the type. */
export type JsonSchema = JsonObject;
