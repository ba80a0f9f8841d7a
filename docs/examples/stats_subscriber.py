#!/usr/bin/env python3
# Prints what Roost nodes publish about themselves: stats_subscriber.py [HOST:PORT ...]. Needs pyzmq.
# For a cluster with a secret: ROOST_STATS_KEY=$(roost keygen --stats SECRET_FILE) stats_subscriber.py ...
import json, os, sys, zmq
from zmq.utils import z85

socket = zmq.Context().socket(zmq.SUB)
if "ROOST_STATS_KEY" in os.environ:
    key = bytes.fromhex(os.environ["ROOST_STATS_KEY"].removeprefix("roost-stats-"))
    socket.curve_serverkey, socket.curve_secretkey = key[:32], key[32:]
    socket.curve_publickey = zmq.curve_public(z85.encode(key[32:]))
for address in sys.argv[1:] or ["127.0.0.1:7602"]:
    socket.connect("tcp://" + address)
socket.subscribe("")
while True:
    topic, body = socket.recv_multipart()
    said = json.loads(body)
    summary = said.get("text") or "{now} clients, {users} users".format(**said["connections"], **said["roster"])
    print(topic.decode(), summary, flush=True)
