// What is tested on a kernel without asynchronous write protection, in a virtual machine.
import { tellSoftDirtyStory } from "../soft-dirty-story.ts";

tellSoftDirtyStory("live");
