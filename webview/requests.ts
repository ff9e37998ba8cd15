// The protocol's request for each of the page's questions, and what is asked for in words.
import { t } from "../src/common/l10n.ts";
import type { RequestType } from "../src/common/rpc.ts";
import {
  BrushRequest,
  DescribeRequest,
  InspectRequest,
  LocateRequest,
  MapRequest,
  StateRequest,
  StepPositionRequest,
  StepRequest,
  StepsRequest,
  TableRequest,
  TimelineRequest,
} from "../src/ui/protocol.ts";
import type { Questions, SlotName } from "./slots.ts";

export const REQUESTS: {
  readonly [N in SlotName]: {
    readonly type: RequestType<Questions[N]["query"], Questions[N]["reply"]>;
    /** What is asked for, in words. */
    readonly what: string;
  };
} = {
  panel: { type: StateRequest, what: t("what there is to show") },
  map: { type: MapRequest, what: t("the map") },
  place: { type: LocateRequest, what: t("a place on the map") },
  cell: { type: DescribeRequest, what: t("what a cell of the map holds") },
  steps: { type: StepsRequest, what: t("the list of steps") },
  position: { type: StepPositionRequest, what: t("a step's place in the list") },
  details: { type: StepRequest, what: t("the chosen step") },
  inspect: { type: InspectRequest, what: t("the bytes that are looked at") },
  timeline: { type: TimelineRequest, what: t("the timeline") },
  brush: { type: BrushRequest, what: t("what the brushed steps wrote") },
  table: { type: TableRequest, what: t("the table of mappings") },
};
