"""What a service does by tooz and etcd3gw, both unmodified, on three nodes: a line for each step.

Arguments: the nodes' client ports. Nothing here knows of Lockstep.
"""

import sys
import threading
import time

import etcd3gw
from tooz import coordination

PORTS = sys.argv[1:]
PATIENCE = 20
SILENCE = 3

# Debian 12 has a tooz that passes the path of the API and an etcd3gw whose function does not
# take it, while its class does: as they are, the two do not start, against etcd neither.
etcd3gw.client = etcd3gw.Etcd3Client


def coordinator(name, port, ttl=60):
    options = "timeout=10&lock_timeout=%d&membership_timeout=%d" % (ttl, ttl)
    made = coordination.get_coordinator(
        "etcd3+http://127.0.0.1:%s?%s" % (port, options), name
    )
    made.start()
    return made


def say(step, value=""):
    print(step, value, sep=": " if value != "" else "", flush=True)


def refused(call):
    try:
        call()
    except coordination.ToozError as error:
        return type(error).__name__
    return "done"


def within_patience(what, holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("not within %d s: %s" % (PATIENCE, what))
        time.sleep(0.05)


def members(by, group):
    return sorted(name.decode() for name in by.get_members(group).get())


def groups(one, two, three):
    one.create_group(b"g").get()
    say("created again", refused(lambda: two.create_group(b"g").get()))
    say("groups", [name.decode() for name in three.get_groups().get()])
    one.join_group(b"g", b"first").get()
    two.join_group(b"g", b"second").get()
    say("joined again", refused(lambda: two.join_group(b"g").get()))
    say("members", members(three, b"g"))
    say("capabilities", three.get_member_capabilities(b"g", b"two").get().decode())
    two.update_capabilities(b"g", b"other").get()
    say("updated", three.get_member_capabilities(b"g", b"two").get().decode())
    say("deleted with members", refused(lambda: one.delete_group(b"g").get()))
    two.leave_group(b"g").get()
    say("one left", members(three, b"g"))


def locks(one, two, three):
    held = one.get_lock(b"l")
    say("locked", held.acquire(blocking=False))
    other = two.get_lock(b"l")
    say("locked by another", other.acquire(blocking=False))
    waited = []
    waiting = threading.Thread(target=lambda: waited.append(other.acquire(blocking=PATIENCE)))
    waiting.start()
    one.heartbeat()
    say("released", held.release())
    waiting.join()
    say("waited", waited)
    say("released by who has it not", held.release())
    say("broken", three.get_lock(b"l").break_())


def ends(one, port):
    """Who says nothing any more is gone after its TTL: its membership, and its lock."""
    began = time.monotonic()
    silent = coordinator(b"silent", port, SILENCE)
    silent.join_group(b"g").get()
    say("silent one's lock", silent.get_lock(b"s").acquire(blocking=False))
    say("waited for it", one.get_lock(b"s").acquire(blocking=PATIENCE))
    within_patience("the silent one leaves", lambda: "silent" not in members(one, b"g"))
    say("not before its time", time.monotonic() - began >= SILENCE)


def client(port, then):
    gateway = etcd3gw.client(port=int(port), timeout=10)
    say("created", gateway.create("k/a", "1"))
    say("created again", gateway.create("k/a", "2"))
    say("replaced", gateway.replace("k/a", "1", "3"))
    events, cancel = gateway.watch_prefix("k/")
    then.put("k/b", "4")
    then.delete("k/a")
    for _ in range(2):
        event = next(events)
        told = event["kv"]["key"].decode(), event["kv"].get("value", b"").decode()
        say("event", (event.get("type", "PUT"),) + told)
    cancel()
    found = gateway.get_prefix("k/", sort_order="descend", sort_target="mod")
    say("found", [(key["key"].decode(), value.decode()) for value, key in found])
    lease = gateway.lease(60)
    then.put("k/c", "5", lease)
    say("lease", (lease.ttl() > 50, lease.refresh(), lease.keys()))
    lease.revoke()
    say("ended", (lease.refresh(), lease.ttl(), gateway.get("k/c")))
    say("members", sorted(one["name"] for one in gateway.members()))
    say("version", gateway.status()["version"])


def main():
    one, two, three = (
        coordinator(name, port) for name, port in zip([b"one", b"two", b"three"], PORTS)
    )
    groups(one, two, three)
    locks(one, two, three)
    ends(one, PORTS[2])
    client(PORTS[0], etcd3gw.client(port=int(PORTS[1]), timeout=10))


main()
