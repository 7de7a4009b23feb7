// Builds what changed; for images and packagers, who install the packages themselves.
import { ensureBuilt } from './toolchain.mjs';

ensureBuilt();
