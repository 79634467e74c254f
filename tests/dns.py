"""A DNS server for one name: `dns.py ADDRESS NAME ANSWER` answers A queries for NAME over UDP, on port 53 of ADDRESS.

AAAA queries for it get an empty answer, and every other name does not exist (RFC 1035, section 4).
"""

import ipaddress
import socket
import struct
import sys


def main() -> None:
    address, name, answer = sys.argv[1:]
    known = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    print("ready", flush=True)
    while True:
        query, client = server.recvfrom(512)
        end = query.index(b"\0", 12) + 1
        question = query[12 : end + 4]
        kind = struct.unpack("!H", question[-4:-2])[0]
        if question[:-4].lower() != known:
            server.sendto(query[:2] + struct.pack("!HHHHH", 0x8583, 1, 0, 0, 0) + question, client)
        elif kind == 1:
            record = struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + ipaddress.ip_address(answer).packed
            server.sendto(query[:2] + struct.pack("!HHHHH", 0x8580, 1, 1, 0, 0) + question + record, client)
        else:
            server.sendto(query[:2] + struct.pack("!HHHHH", 0x8580, 1, 0, 0, 0) + question, client)


main()
