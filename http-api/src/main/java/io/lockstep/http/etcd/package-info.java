/**
 * The HTTP/JSON gateway of etcd v3, on the same state and through the same log as everything else.
 */
@NullMarked
package io.lockstep.http.etcd;

import org.jspecify.annotations.NullMarked;
