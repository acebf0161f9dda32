/** What `ocelli doctor --json` prints; the names are a contract. */

import type {
  EncoderReport,
  FolderCheck,
  FolderReport,
  MachineReport,
  UnfinishedPull,
} from '../../local-model/engine/index.js';

/** A model folder: what is in it, or why it cannot be used, and whether its files are as they were made. */
export interface ModelCheck {
  /** `local:…` */
  readonly model: string;
  readonly folder: string;
  readonly bundled: boolean;
  readonly purpose: 'answer' | 'embed' | null;
  readonly report: FolderReport | EncoderReport | null;
  /** `null`: nothing is written down to compare with, or `--quick`. */
  readonly files: FolderCheck | null;
  /** Loading it takes more memory than is free now. */
  readonly tooLarge: boolean;
  readonly problem: string | null;
}

export interface DoctorReport {
  readonly ocelli: string;
  readonly node: { readonly version: string; readonly problem: string | null };
  readonly machine: MachineReport;
  readonly models: readonly ModelCheck[];
  readonly unfinished: readonly UnfinishedPull[];
  /** Whether a call could be made, by provider; never the key. */
  readonly keys: readonly { readonly provider: string; readonly present: boolean; readonly missing: string | null }[];
  readonly catalogue: {
    readonly models: number;
    /** The day on which the sources of the longest unchecked model were last looked at. */
    readonly checkedOn: string | null;
    readonly stale: number;
  };
  /** What must be put right; the exit code is 1 when there is any. */
  readonly problems: readonly string[];
}
