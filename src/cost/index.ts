/** The cost room: from what a call used to what it cost, and the ledger that keeps a budget over many calls. */

export {
  createBudgetKeeper,
  type BudgetKeeper,
  type BudgetKeeperOptions,
  type BudgetReservation,
  type CallToReserve,
} from './budget-keeper.js';
export { costOf, type CostOptions } from './cost-of.js';
export { createFileLedger, type FileLedgerOptions } from './file-ledger.js';
export { ledgerConformance, type LedgerConformanceCase, type LedgerConformanceOptions } from './ledger-conformance.js';
export type {
  Amount,
  Budget,
  LedgerOwner,
  LedgerState,
  LedgerStore,
  OpenReservation,
  ReservationRequest,
  ReservationResult,
  Spent,
} from './ledger-store.js';
export { createMemoryLedger } from './memory-ledger.js';
export type { CallOutcome } from './settlement.js';
export { affordableOutput, worstCase, type WorstCaseQuery } from './worst-case.js';
