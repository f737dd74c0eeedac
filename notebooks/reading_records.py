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
# # Reading records
#
# Every run leaves a record: configuration, seed, metrics, curve, counts, environment. This reads a kept study, two recipes on BCCD with
# three seeds each, and asks it things that its table does not show.

# %%
import matplotlib.pyplot as plt

import yololab

study = yololab.Study("../experiments/bccd_recipes")
print(study.table(baseline={"recipe": "yolov8"}, smallest_effect=1))

# %% [markdown]
# ## One comparison

# %%
print("yololab minus yolov8, mAP:", study.compare({"recipe": "yolov8"}, {"recipe": "yololab"}))

# %% [markdown]
# ## A row per run

# %%
frame = study.to_pandas()
frame[["run_id", "choice.recipe", "seed", "metrics.mAP", "metrics.mAP50", "training.steps"]].round(3)

# %% [markdown]
# ## Classes

# %%
for record in study.runs:
    classes = ", ".join(f"{name} {100 * ap['AP']:.1f}" for name, ap in record.per_class.items())
    print(f"{record.choices['recipe']:8s} seed {record.seed}: {classes}")

# %% [markdown]
# ## Curves
#
# All six, one colour a recipe. The last epoch counts, not the best.

# %%
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
colours = {"yolov8": "tab:gray", "yololab": "tab:blue"}
for record in study.runs:
    epochs = [row["epoch"] for row in record.curve if row.get("val/mAP") is not None]
    scores = [100 * row["val/mAP"] for row in record.curve if row.get("val/mAP") is not None]
    axes.plot(epochs, scores, color=colours[record.choices["recipe"]], alpha=0.8)
for name, colour in colours.items():
    axes.plot([], [], color=colour, label=name)
axes.set(xlabel="epoch", ylabel="validation mAP (%)", title="BCCD, YOLOv8n at 320, three seeds")
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)
