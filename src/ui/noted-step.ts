// Which step the note beside a line tells of: the newest, or the one that was chosen; none once its run is over.
import { type Disposable, DisposableList } from "../common/disposable.ts";
import { Emitter } from "../common/emitter.ts";
import type { Recording } from "../recording/recording.ts";
import type { Step } from "../recording/step.ts";
import type { Recordings, SessionSource, SessionsSource } from "./recordings.ts";

/** By its number: a fuller account may take the step's place, or it may be forgotten. */
interface Choice {
  readonly recording: Recording;
  readonly step: number;
  /** Whether further steps leave it where it is. */
  readonly stay: boolean;
}

export class NotedStep implements Disposable {
  /** Another step, or another account of the same one; told in the turn in which it is known. */
  readonly onChange = new Emitter<void>();
  private readonly recordings: Recordings;
  private readonly disposables = new DisposableList();
  /** Runs that were over when last looked at. */
  private readonly over = new WeakSet<Recording>();
  private choice: Choice | undefined;

  constructor(sessions: SessionsSource, recordings: Recordings) {
    this.recordings = recordings;
    this.disposables.add(sessions.onStep.listen(({ session, step }) => this.stepTold(session, step)));
    this.disposables.add(sessions.onChange.listen(session => this.sessionChanged(session)));
    this.disposables.add(
      recordings.onChange.listen(({ state }) => {
        if (state) this.stateChanged();
      }),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }

  /** The step, where its recording is the one that is shown. */
  get step(): Step | undefined {
    const { choice, recordings } = this;
    return choice && recordings.shown === choice.recording ? choice.recording.steps.byNumber(choice.step) : undefined;
  }

  /** Of the step. */
  get recording(): Recording | undefined {
    return this.step && this.choice?.recording;
  }

  /**
   * @param stay whether it stays chosen when further steps come. One that does not is the newest that the page knows: where a newer
   * one has come meanwhile, that is old news.
   */
  choose(recording: Recording, step: number, stay: boolean): void {
    if (!stay && step < (recording.steps.last?.number ?? 0)) {
      const isNewer = this.choice?.recording === recording && this.choice.step > step && !this.choice.stay;
      if (isNewer) return;
    }
    this.choice = { recording, step, stay };
    this.onChange.fire();
  }

  private stepTold({ recording }: SessionSource, { number }: Step): void {
    const { choice } = this;
    const isHere = choice?.recording === recording;
    const stays = isHere && (choice.stay || number <= choice.step) && recording.steps.byNumber(choice.step);
    if (!stays) this.choice = { recording, step: number, stay: false };
    this.onChange.fire();
  }

  private sessionChanged({ recording, closedRuns, status }: SessionSource): void {
    for (const run of status.program === "ended" ? [...closedRuns, recording] : closedRuns) {
      if (this.over.has(run)) continue;
      this.over.add(run);
      if (this.choice?.recording === run) this.choice = undefined;
    }
    this.stateChanged();
  }

  private stateChanged(): void {
    const { choice } = this;
    // A recording that is gone is not to be held by the choice of one of its steps.
    if (choice && this.recordings.find(choice.recording.id) === undefined) this.choice = undefined;
    this.onChange.fire();
  }
}
