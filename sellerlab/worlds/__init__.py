"""Simulated worlds: shops whose true parameters are known, so that an estimate can be checked.

One folder a world (`phone_stand`, `baby_goods`, `sewing_school`), each with `NAME`, `TABLES` and `simulate`;
and what worlds share: `shop` (what a world returns), `draws` (seeded random processes) and `exports`.
"""
