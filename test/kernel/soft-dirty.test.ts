// Tracking by soft-dirty bits on the simulated 6.12; on Debian's live 6.1 by npm run test:kernel -- 6.1.
import { tellSoftDirtyStory } from "./soft-dirty-story.ts";

tellSoftDirtyStory("simulated");
