/** Seeded random commands, for tests of this module and for the simulator. */
package io.lockstep.kv.random;
