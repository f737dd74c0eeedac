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
# # A first study
#
# Does ECA help a small YOLOv8 on the embedded scenes? A plan, a sweep, a table, an answer. Two cores take about two minutes.

# %%
import yololab
from yololab.detector.complexity import measure, node_rows

# %% [markdown]
# ## What is compared
#
# Any combination of choices builds without memory on the meta device, so that counting costs nothing. The graph has names: the
# attention is a node of its own, and nothing else has moved.

# %%
CHOICES = ["experiment=demo", "attention=eca"]
detector = yololab.build(CHOICES, device="meta")
counts = measure(detector, 96)
print(f"{counts.params_train:,} parameters, {counts.gflops_train:.3f} GFLOPs at 96 pixels")

# %%
for row in node_rows(detector, 96):
    print(f"{row.name:24s} {row.block:12s} {row.shape!s:16s} {row.parameters:9,d} {row.gflops:8.4f}")

# %% [markdown]
# ## The sweep
#
# A plan first: what would run, how large it is, how long it takes, and what so many seeds can see.

# %% language="bash"
# yololab plan experiment=demo attention=none,eca seed=0,1 recipe.epochs=8 tracker=none study.name=notebook

# %% [markdown]
# Then the runs. Whatever stops this cell, running it again continues where it stopped, and nothing runs twice.

# %% language="bash"
# yololab train -m experiment=demo attention=none,eca seed=0,1 recipe.epochs=8 tracker=none study.name=notebook

# %% [markdown]
# ## The answer
#
# The same table, from Python. The verdict is in words; with two seeds and eight epochs an honest one is mostly "cannot tell yet".

# %%
study = yololab.Study("notebook")
print(study.table())

# %%
print("ECA minus none, mAP:", study.compare({"attention": "none"}, {"attention": "eca"}))
