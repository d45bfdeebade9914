package io.lockstep.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.ClusterId;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code /v1/cluster} and {@code /v1/cluster/members} say of a cluster, read by a node that
 * wants to join it.
 *
 * @param founders the voters at the first start
 * @param members the contacts of those whose directory is told
 */
public record ClusterPage(ClusterId cluster, List<NodeId> founders, List<Contact> members) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Reads an answer; throws {@link IllegalArgumentException} for one that says something else. */
  public static ClusterPage parse(String json) {
    JsonNode page;
    try {
      page = MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the answer is not JSON", e);
    }
    List<NodeId> founders = new ArrayList<>();
    for (JsonNode founder : page.path("founders")) {
      founders.add(new NodeId(founder.asText()));
    }
    List<Contact> members = new ArrayList<>();
    for (JsonNode member : page.path("members")) {
      if (member.has("storage_id")) {
        members.add(
            new Contact(
                new NodeId(member.path("id").asText()),
                member.path("storage_id").asText(),
                member.path("peer").asText(),
                member.path("client").asText()));
      }
    }
    return new ClusterPage(new ClusterId(page.path("cluster_id").asText()), founders, members);
  }

  /** The code of a problem; empty when the answer names none. */
  public static String problem(String json) {
    try {
      return MAPPER.readTree(json).path("code").asText();
    } catch (JacksonException e) {
      return "";
    }
  }

  /** What a problem says; empty when the answer says nothing. */
  public static String detail(String json) {
    try {
      return MAPPER.readTree(json).path("detail").asText();
    } catch (JacksonException e) {
      return "";
    }
  }
}
