// What a live migration, or a checkpoint by pre-copy, would take: rounds of copying while the program goes on writing. Pure.
import { PAGE_SIZE } from "../memory/page.ts";
import { pagesWithin, type WindowPages } from "./working-set.ts";

export interface MigrationRequest {
  /** Pages to send in the first round: all that are in use. */
  readonly pages: number;
  readonly curve: readonly WindowPages[];
  /** Bytes that are sent in a second. */
  readonly bandwidth: number;
  /** Seconds that the program may stand in the end. */
  readonly downtime: number;
  /** QEMU and CRIU give up, or stop the program, after so many. */
  readonly mostRounds?: number;
}

export interface Round {
  readonly bytes: number;
  readonly seconds: number;
}

export interface Migration {
  /** While the program runs; each sends what was written during the one before. */
  readonly rounds: readonly Round[];
  /** What is left to send while the program stands. */
  readonly last: Round;
  /** Whether that fits into the downtime. */
  readonly converges: boolean;
  readonly bytes: number;
  readonly seconds: number;
  /** Bytes in a second that would be needed at least for it to converge; absent where it does. */
  readonly neededBandwidth?: number;
}

const MOST_ROUNDS = 30;
/** A round that sends nearly as much as the one before will be followed by others like it. */
const NO_PROGRESS = 0.98;
/** Bandwidths are tried up to 2^40 times the one asked about. */
const MOST_DOUBLINGS = 40;

/** @throws {RangeError} a bandwidth or a downtime that is none. */
export function estimateMigration(request: MigrationRequest): Migration {
  const { bandwidth, downtime } = request;
  if (!(bandwidth > 0)) throw new RangeError("The bandwidth is a number of bytes a second, more than 0.");
  if (!(downtime >= 0)) throw new RangeError("The downtime is a number of seconds.");
  const plan = planned(request);
  return plan.converges ? plan : { ...plan, ...needed(request) };
}

function planned({
  pages,
  curve,
  bandwidth,
  downtime,
  mostRounds = MOST_ROUNDS,
}: MigrationRequest): Omit<Migration, "neededBandwidth"> {
  const rounds: Round[] = [];
  let round = sent(pages, bandwidth);
  while (round.seconds > downtime && rounds.length < mostRounds) {
    rounds.push(round);
    // Nothing is sent that is not in use, however long a round takes.
    const next = sent(Math.min(pages, pagesWithin(curve, round.seconds)), bandwidth);
    const isFutile = rounds.length > 1 && next.bytes >= round.bytes * NO_PROGRESS;
    round = next;
    if (isFutile) break;
  }
  const all = [...rounds, round];
  return {
    rounds,
    last: round,
    converges: round.seconds <= downtime,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function sent(pages: number, bandwidth: number): Round {
  const bytes = Math.round(pages) * PAGE_SIZE;
  return { bytes, seconds: bytes / bandwidth };
}

/** The smallest bandwidth that would do, to one part in a hundred. */
function needed(request: MigrationRequest): { readonly neededBandwidth?: number } {
  const suffices = (bandwidth: number): boolean => planned({ ...request, bandwidth }).converges;
  let low = request.bandwidth;
  let high = low;
  for (let i = 0; i < MOST_DOUBLINGS && !suffices(high); i += 1) {
    low = high;
    high *= 2;
  }
  if (!suffices(high)) return {};
  while (high / low > 1.01) {
    const middle = (low + high) / 2;
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return { neededBandwidth: high };
}
