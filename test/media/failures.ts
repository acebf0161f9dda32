/** Catches the error of a call that must fail, so that tests can look at kind and message together. */

import { expect } from 'vitest';
import { OcelliError, type ErrorKind } from '../../src/errors/index.js';

/** The `OcelliError` that the call must fail with; the test fails when it does not or when the kind is another. */
export async function failureOf(kind: ErrorKind, call: () => unknown): Promise<OcelliError> {
  let thrown: unknown;
  try {
    await call();
  } catch (error) {
    thrown = error;
  }
  if (!OcelliError.isInstance(thrown)) throw new Error(`expected an OcelliError of kind ${kind}`, { cause: thrown });
  expect({ kind: thrown.kind, message: thrown.message }).toMatchObject({ kind });
  return thrown;
}
