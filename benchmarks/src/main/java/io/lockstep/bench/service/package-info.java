/** What locks, watches and leases take: scenarios over HTTP, each with the checks that it owes. */
@NullMarked
package io.lockstep.bench.service;

import org.jspecify.annotations.NullMarked;
