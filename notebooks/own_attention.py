# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # An attention of your own
#
# What a tutorial prints, `class X(nn.Module)` whose first argument counts channels, is an attention as it stands. It only has to lie
# in a file that Python can import.

# %%
# %%writefile my_gate.py
from torch import nn


class MyGate(nn.Module):
    """Scales every channel by what a small network says of its mean and of its maximum."""

    def __init__(self, channels, reduction=8):
        super().__init__()
        hidden = max(channels // reduction, 4)
        self.gate = nn.Sequential(nn.Conv2d(channels, hidden, 1), nn.SiLU(), nn.Conv2d(hidden, channels, 1))

    def forward(self, x):
        mean, top = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        return x * (self.gate(mean) + self.gate(top)).sigmoid()


# %% [markdown]
# ## Where it goes
#
# `insert_pos` names a place, or any pattern of nodes. Channels are inferred. The class is imported because it was named here.

# %%
import yololab
from yololab.detector.complexity import count_parameters

plain = yololab.build(["experiment=smoke", "attention=none"], device="meta")
gated = yololab.build(
    ["experiment=smoke", "attention=none", "attention._target_=my_gate.MyGate", "insert_pos=all_heads"], device="meta"
)
added = sorted(set(gated.graph.names) - set(plain.graph.names))
print(f"{count_parameters(gated) - count_parameters(plain):,} parameters in {', '.join(added)}")

# %% [markdown]
# ## What does not fit is told in a line

# %%
# %%writefile my_mistake.py
from torch import nn


class Halves(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels // 2, 1)

    def forward(self, x):
        return self.conv(x)


# %%
from yololab.errors import YololabError

try:
    yololab.build(["experiment=smoke", "attention=none", "attention._target_=my_mistake.Halves", "insert_pos=neck"])
except YololabError as error:
    print(error)

# %% [markdown]
# ## Does it help, or would anything of its size?
#
# `study.controls=all` runs a placebo of equal cost, the gate itself frozen, and a wider baseline beside it, and judges the gate against
# each of them. Here in its smallest form, whose one epoch teaches nothing: what counts is the shape of the answer.

# %% language="bash"
# yololab train -m experiment=smoke attention=none attention._target_=my_gate.MyGate insert_pos=neck study.controls=all seed=0,1 tracker=none study.name=my_gate
