"""Simulated worlds: shops whose true parameters are known, so that an estimate can be checked.

One file a world (`phone_stand`), and what worlds share: `shop` (what a world returns) and `draws`
(seeded random processes).
"""
