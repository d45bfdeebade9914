/** The gateway against what a real etcd answers. */
@NullMarked
package io.lockstep.http.etcd;

import org.jspecify.annotations.NullMarked;
