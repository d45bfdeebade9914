package io.lockstep.kv.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.lease.Lease;
import io.lockstep.kv.lease.LeaseKind;
import io.lockstep.kv.lease.LeaseTable;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leases in the formats of earlier versions. */
class LeasesSectionTest {
  @Test
  void leasesOfFormat1HaveNoLabelsAndTheirKind() throws IOException {
    List<Bytes> chunks = new ArrayList<>();
    ItemWriter out = new ItemWriter(chunks::add);
    Fields.writeCount(out, 2);
    for (int i = 1; i <= 2; i++) {
      ByteWriter item = out.begin();
      FieldCodec.write(item, new LeaseId(i, 7));
      item.varint(5_000).varint(9_000).bool(i == 2);
      out.end();
    }
    Fields.writeCount(out, 0);
    out.flush();
    RestoredState state = new RestoredState(3, 4_000);
    new LeasesSection().read(new ItemReader(Chunks.source(chunks)), 1, state);
    LeaseTable leases = state.leases.build();
    Lease plain = leases.require(new LeaseId(1, 7));
    assertEquals(LeaseKind.PLAIN, plain.kind());
    assertTrue(plain.labels().isEmpty());
    assertEquals(9_000, plain.deadlineMillis());
    assertEquals(LeaseKind.OF_LOCK, leases.require(new LeaseId(2, 7)).kind());
  }
}
