// Answers the page's requests from the recordings, and does what it tells: everything but VS Code itself.

import { type Disposable, DisposableList } from "../common/disposable.ts";
import { t } from "../common/l10n.ts";
import type { Log } from "../common/log.ts";
import type { Connection } from "../common/post-message.ts";
import { hear, type NotificationType, Refusal, serve } from "../common/rpc.ts";
import { PAGE_SIZE } from "../memory/page.ts";
import { rangeNamed } from "../recording/named-range.ts";
import type { Recording } from "../recording/recording.ts";
import { brushDetails } from "./brush-details.ts";
import { inspect } from "./inspector/inspect.ts";
import { describe } from "./map/describe.ts";
import { locate } from "./map/locate.ts";
import { mapReply } from "./map/view.ts";
import { Notices } from "./notices.ts";
import * as Protocol from "./protocol.ts";
import * as Shapes from "./protocol-shapes.ts";
import type { Recordings } from "./recordings.ts";
import { stepDetails } from "./step-details.ts";
import { stepPosition, stepsReply } from "./steps.ts";
import { tableOf } from "./table.ts";
import { timelineReply } from "./timeline.ts";

/** What the page's buttons and links do in VS Code. */
export interface PanelActions {
  /** Only ever one of PANEL_COMMANDS. */
  execute(command: Protocol.PanelCommand): unknown;
  save(recording: Recording): unknown;
  choose(recording: Recording, step: number, options: { readonly reveal: boolean; readonly stay: boolean }): unknown;
  /** Asks which steps wrote bytes [start, end) of the recording. */
  whoWrote(recording: Recording, start: number, end: number): unknown;
  /** Shows in the inspector what the user typed. */
  inspect(recording: Recording, expression: string): unknown;
  openRange(recording: Recording, range: Omit<Protocol.OpenRange, "recording">): unknown;
  /** Watches, arms or leaves out bytes [start, end) of the recording's program; absent where there is none behind any. */
  range?(action: Protocol.RangeAction, recording: Recording, start: number, end: number): unknown;
  copy(text: string): unknown;
  /** The address (bytes) of what an expression names in the recording's program; undefined where no debugger holds it. */
  locate?(recording: Recording, expression: string): Promise<number> | undefined;
  dismissProblem(): void;
  painted(told: { readonly step: number; readonly milliseconds: number }): void;
}

export interface PanelModel {
  readonly recordings: Pick<Recordings, "shown" | "items" | "find" | "show" | "close" | "onChange">;
  /** What of the panel's state is no recording's. */
  readonly extras: () => Pick<Protocol.PanelState, "missing" | "problem" | "alone" | "hasHexEditor">;
  readonly actions: PanelActions;
  readonly log: Log;
}

/** Serves one page until disposed. */
export class PanelService implements Disposable {
  private readonly connection: Connection;
  private readonly model: PanelModel;
  private readonly disposables = new DisposableList();
  private readonly notices: Notices;
  private ended = false;

  constructor(connection: Connection, model: PanelModel) {
    this.connection = connection;
    this.model = model;
    this.notices = new Notices(changed => this.tell(Protocol.ChangedNotification, changed));
    this.disposables.add(model.recordings.onChange.listen(changed => this.notices.add(changed)));
    this.answerRequests();
    this.hearNotifications();
  }

  /** The state that is no recording's has changed. */
  stateChanged(): void {
    this.notices.add({ state: true });
  }

  select(recording: string, step: number): void {
    this.tell(Protocol.SelectNotification, { recording, step });
  }

  /** Has the page inspect a range. */
  pick(recording: string, range: { readonly start: number; readonly end: number; readonly words: string }): void {
    this.tell(Protocol.PickNotification, { recording, ...range });
  }

  dispose(): void {
    if (this.ended) return;
    this.ended = true;
    this.disposables.dispose();
    this.notices.dispose();
    this.connection.dispose();
  }

  /** A page that is gone is told nothing. */
  private tell<P>({ method }: NotificationType<P>, params: P): void {
    this.connection.tell(method, params);
  }

  private answerRequests(): void {
    const { connection, disposables } = this;
    const { recordings, extras, log } = this.model;
    const of = ({ recording }: Protocol.RecordingRef): Recording => this.recording(recording);
    for (const disposable of [
      serve(
        connection,
        Protocol.StateRequest,
        Shapes.NOTHING,
        (): Protocol.PanelState => {
          const shown = recordings.shown?.id;
          return { recordings: recordings.items(), ...(shown === undefined ? {} : { shown }), ...extras() };
        },
        log,
      ),
      serve(connection, Protocol.MapRequest, Shapes.MAP_QUERY, query => mapReply(of(query), query), log),
      serve(
        connection,
        Protocol.LocateRequest,
        Shapes.LOCATE,
        ({ query, target }) => this.locate(of(query), query, target),
        log,
      ),
      serve(
        connection,
        Protocol.DescribeRequest,
        Shapes.DESCRIBE,
        query => describe(of(query), query.start, query.end, query.step, query.look),
        log,
      ),
      serve(connection, Protocol.StepsRequest, Shapes.STEPS_QUERY, query => stepsReply(of(query), query), log),
      serve(
        connection,
        Protocol.StepPositionRequest,
        Shapes.STEP_POSITION,
        query => stepPosition(of(query), query.step, query),
        log,
      ),
      serve(
        connection,
        Protocol.StepRequest,
        Shapes.STEP,
        query => {
          const step = of(query).steps.byNumber(query.step);
          return step ? stepDetails(step, query.from, query.count) : null;
        },
        log,
      ),
      serve(connection, Protocol.InspectRequest, Shapes.INSPECT, query => inspect(of(query), query), log),
      serve(connection, Protocol.TimelineRequest, Shapes.TIMELINE, query => timelineReply(of(query), query), log),
      serve(connection, Protocol.BrushRequest, Shapes.BRUSH, query => brushDetails(of(query), query), log),
      serve(connection, Protocol.TableRequest, Shapes.TABLE, query => tableOf(of(query), query), log),
    ]) {
      disposables.add(disposable);
    }
  }

  private hearNotifications(): void {
    const { connection, disposables } = this;
    const { recordings, actions, log } = this.model;
    for (const disposable of [
      hear(connection, Protocol.CommandNotification, Shapes.COMMAND, ({ command }) => actions.execute(command), log),
      hear(
        connection,
        Protocol.ShowNotification,
        Shapes.RECORDING_REF,
        ({ recording }) => recordings.show(recording),
        log,
      ),
      hear(
        connection,
        Protocol.CloseNotification,
        Shapes.RECORDING_REF,
        ({ recording }) => recordings.close(recording),
        log,
      ),
      hear(
        connection,
        Protocol.SaveNotification,
        Shapes.RECORDING_REF,
        ({ recording }) => actions.save(this.recording(recording)),
        log,
      ),
      hear(
        connection,
        Protocol.ChooseNotification,
        Shapes.CHOOSE,
        ({ recording, step, reveal, stay }) =>
          actions.choose(this.recording(recording), step, { reveal, stay: stay === true }),
        log,
      ),
      hear(
        connection,
        Protocol.WhoWroteNotification,
        Shapes.WHO_WROTE,
        ({ recording, start, end }) => {
          if (start < end) actions.whoWrote(this.recording(recording), start, end);
        },
        log,
      ),
      hear(
        connection,
        Protocol.InspectNotification,
        Shapes.INSPECT_EXPRESSION,
        ({ recording, expression }) => actions.inspect(this.recording(recording), expression),
        log,
      ),
      hear(
        connection,
        Protocol.OpenRangeNotification,
        Shapes.OPEN_RANGE,
        ({ recording, ...range }) => {
          if (range.start < range.end) actions.openRange(this.recording(recording), range);
        },
        log,
      ),
      hear(
        connection,
        Protocol.RangeNotification,
        Shapes.RANGE,
        ({ action, recording, start, end }) => {
          if (start < end) actions.range?.(action, this.recording(recording), start, end);
        },
        log,
      ),
      hear(connection, Protocol.CopyNotification, Shapes.COPY, ({ text }) => actions.copy(text), log),
      hear(connection, Protocol.DismissProblemNotification, Shapes.NOTHING, () => actions.dismissProblem(), log),
      hear(connection, Protocol.PaintedNotification, Shapes.PAINTED, told => actions.painted(told), log),
    ]) {
      disposables.add(disposable);
    }
  }

  /** A name that is no mapping's is looked for among the recording's variables, then by the session's debugger. */
  private locate(
    recording: Recording,
    query: Protocol.MapQuery,
    target: Protocol.MapTarget,
  ): Protocol.MapPlace | null | Promise<Protocol.MapPlace | null> {
    const found = locate(recording, query, target);
    if (found || target.to !== "text") return found;
    const placeOf = (address: number): Protocol.MapPlace | null =>
      locate(recording, query, { to: "page", page: address / PAGE_SIZE });
    try {
      return placeOf(rangeNamed(recording.steps, target.text).address);
    } catch {
      // What neither knows is nowhere on the map, and the page says so.
      const asked = this.model.actions.locate?.(recording, target.text);
      return asked ? asked.then(placeOf, () => null) : null;
    }
  }

  /** @throws {Refusal} it is gone: closed, or forgotten with its session. */
  private recording(id: string): Recording {
    const recording = this.model.recordings.find(id);
    if (!recording) throw new Refusal(t("That recording is no longer there: it was closed, or its session is gone."));
    return recording;
  }
}
