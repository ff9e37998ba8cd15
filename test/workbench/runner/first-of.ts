// Waits for the suite to end, but not for ever and not on a server that died.

export const SUITE_TIMEOUT_MS = 10 * 60_000;

export async function firstOf<T>(exited: Promise<T>, serverEnded: Promise<void>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`The suite did not end within ${SUITE_TIMEOUT_MS / 60_000} minutes.`));
    timer = setTimeout(fail, SUITE_TIMEOUT_MS);
  });
  const died = serverEnded.then((): never => {
    throw new Error("VS Code's server ended in the middle of the suite.");
  });
  try {
    return await Promise.race([exited, late, died]);
  } finally {
    clearTimeout(timer);
    // The server ends a moment later anyway, with nobody waiting any more.
    died.catch(() => {});
  }
}
